import {
  GetBucketNotificationConfigurationCommand,
  type NotificationConfiguration,
  PutBucketNotificationConfigurationCommand,
  type QueueConfiguration,
} from '@aws-sdk/client-s3'
import type { Cancellable, ObjectInfo } from '../../backend.ts'
import { hasCode, RemoteJobError } from '../../errors.ts'
import type { EventFilter, ObjectEvents } from '../../object-events.ts'
import { pause } from '../../pause.ts'
import { Bucket } from '../bucket.ts'
import { call } from '../call.ts'
import type { Clients } from '../clients.ts'
import { failureOf, reasonOf } from '../failure.ts'
import type { QueueUrls } from '../queue-urls.ts'
import { head } from '../read.ts'
import { QueuePolicy } from './queue-policy.ts'
import { apart, ruleIds, ruleOf } from './rules.ts'

/** Tries of a write, and seconds between two: a policy that was just set takes its time to count. */
const tries = 8
const pauseSeconds = 1.5

/** S3's notifications to SQS, of buckets of the queue's own account and region. */
export class AwsObjectEvents implements ObjectEvents {
  readonly #clients: Clients
  readonly #urls: QueueUrls

  constructor(clients: Clients, urls: QueueUrls) {
    this.#clients = clients
    this.#urls = urls
  }

  /** S3 knows only all rules of a bucket at once, so those of others are read and written back as they are. */
  async route(name: string, queue: string, filters: readonly EventFilter[], options: Cancellable = {}): Promise<void> {
    const policy = new QueuePolicy(queue, this.#clients, this.#urls)
    const bucket = this.#bucket(name)
    if (filters.length === 0) {
      await this.silence(name, queue, options)
      await policy.admit(name, false, options)
      return
    }
    const before = oursIn(await this.#read(bucket, options), queue)
    const arn = await policy.admit(name, true, options)
    const rules = apart(filters).map((filter) => ruleOf(filter, queue, arn))
    try {
      await this.#write(bucket, queue, rules, options)
    } catch (error) {
      if (before.length === 0) await policy.admit(name, false, {}).catch(() => {})
      throw error
    }
  }

  async isRouted(
    name: string,
    queue: string,
    filters: readonly EventFilter[],
    options: Cancellable = {},
  ): Promise<boolean> {
    const arn = await new QueuePolicy(queue, this.#clients, this.#urls).arn(options)
    const wanted = apart(filters).map((filter) => ruleOf(filter, queue, arn))
    return isSame(oursIn(await this.#readAny(this.#bucket(name), options), queue), wanted)
  }

  /** The same without filters, for a queue that goes, and its policy with it. */
  async silence(name: string, queue: string, options: Cancellable = {}): Promise<void> {
    await this.#write(this.#bucket(name), queue, [], options)
  }

  head(name: string, key: string, options: Cancellable = {}): Promise<ObjectInfo | undefined> {
    return head(this.#bucket(name), key, options)
  }

  #bucket(name: string): Bucket {
    return new Bucket(name, this.#clients, undefined)
  }

  async #read(bucket: Bucket, options: Cancellable): Promise<NotificationConfiguration> {
    const command = new GetBucketNotificationConfigurationCommand(bucket.named)
    const { $metadata: _, ...configuration } = await call(
      bucket.doing('GetBucketNotificationConfiguration'),
      options,
      (http) => bucket.s3.send(command, http),
    )
    return configuration
  }

  /** A bucket that was removed tells nobody anything. */
  async #readAny(bucket: Bucket, options: Cancellable): Promise<NotificationConfiguration> {
    try {
      return await this.#read(bucket, options)
    } catch (error) {
      if (reasonOf(error) === 'no-bucket') return {}
      throw error
    }
  }

  async #write(
    bucket: Bucket,
    queue: string,
    rules: readonly QueueConfiguration[],
    options: Cancellable,
  ): Promise<void> {
    for (let failures = 1; ; failures += 1) {
      const found = await (rules.length === 0 ? this.#readAny(bucket, options) : this.#read(bucket, options))
      const ours = oursIn(found, queue)
      if (isSame(ours, rules)) return
      const others = (found.QueueConfigurations ?? []).filter((rule) => !ours.includes(rule))
      try {
        return await this.#put(bucket, { ...found, QueueConfigurations: [...others, ...rules] }, options)
      } catch (error) {
        if (!isTooEarly(error) || failures === tries) throw explained(error, bucket.name)
        await pause(pauseSeconds, options.signal)
      }
    }
  }

  async #put(bucket: Bucket, configuration: NotificationConfiguration, options: Cancellable): Promise<void> {
    const command = new PutBucketNotificationConfigurationCommand({
      ...bucket.named,
      NotificationConfiguration: configuration,
    })
    await call(bucket.doing('PutBucketNotificationConfiguration'), options, (http) => bucket.s3.send(command, http))
  }
}

function oursIn({ QueueConfigurations = [] }: NotificationConfiguration, queue: string): readonly QueueConfiguration[] {
  return QueueConfigurations.filter(
    ({ Id, QueueArn }) => Id?.startsWith(ruleIds(queue)) && QueueArn?.endsWith(`:${queue}`),
  )
}

/** Ids say all that a rule says. */
function isSame(found: readonly QueueConfiguration[], wanted: readonly QueueConfiguration[]): boolean {
  const idsOf = (rules: readonly QueueConfiguration[]): string =>
    JSON.stringify(rules.map(({ Id = '' }) => Id).toSorted())
  return idsOf(found) === idsOf(wanted)
}

/** S3 tries the queue, and may look at a policy of a moment ago. */
function isTooEarly(error: unknown): boolean {
  return saidIn(error).includes('Unable to validate the following destination')
}

function explained(error: unknown, bucket: string): unknown {
  if (!hasCode(error, 'INVALID_ARGUMENT')) return error
  // So says Ceph, which knows other targets.
  if (failureOf(error.cause).name === 'MalformedXML')
    return new RemoteJobError('UNSUPPORTED', `The server of bucket "${bucket}" sends no notifications to SQS`, {
      cause: error,
    })
  const said = saidIn(error)
  const isOverlap = /overlap|ambiguous/i.test(said)
  const advice = isOverlap
    ? 'somebody else is told of such objects already, and S3 tells only one: choose another prefix or suffix, or remove their notification'
    : isTooEarly(error)
      ? 'the queue has to be in the region and the account of the bucket, with a key that S3 may use where it is encrypted'
      : said
  return new RemoteJobError('INVALID_ARGUMENT', `The bucket "${bucket}" takes no notification: ${advice}`, {
    cause: error,
  })
}

const saidIn = (error: unknown): string => failureOf(error instanceof RemoteJobError ? error.cause : error).message
