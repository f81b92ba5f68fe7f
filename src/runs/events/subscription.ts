import { checkBucketName } from '../../protocol/names.ts'
import { isJsonObject } from '../../protocol/json.ts'
import type { ObjectEvent } from '../../protocol/object-event.ts'
import { checkOneOf } from '../../options.ts'
import { checkJobName } from '../definition/check-definition.ts'
import { refusal } from '../definition/refuse.ts'
import type { EventFilter } from '../../object-events.ts'
import { checkExtensions } from './extensions.ts'

/** A run of a job for each object that is written to or deleted from a bucket. */
export interface Subscription extends EventFilter {
  /** 1 to 63 lower-case letters, digits and `-`. */
  readonly name: string
  /** Whose objects are watched. */
  readonly bucket: string
  /** The job that is run. */
  readonly destination: string
  /** Attributes of its events beside the usual ones, `CE_<NAME>` to the program. */
  readonly extensions: Readonly<Record<string, string>>
}

/** What is asked for; what has a default may be left out. */
export type SubscriptionRequest = Pick<Subscription, 'name' | 'bucket' | 'destination'> & {
  readonly [Member in 'eventType' | 'prefix' | 'suffix' | 'extensions']?: Subscription[Member] | undefined
}

/** S3's limit of a filter's text. */
const longestText = 1024

/** @throws RemoteJobError `INVALID_ARGUMENT` */
export function subscriptionFrom(given: SubscriptionRequest): Subscription {
  const { name, bucket, destination, eventType = 'all', prefix = '', suffix = '', extensions = {} } = given
  checkSubscriptionName(name)
  checkBucketName(bucket)
  checkJobName(destination)
  checkOneOf('eventType', eventType, ['write', 'delete', 'all'])
  checkText('prefix', prefix)
  checkText('suffix', suffix)
  checkExtensions(extensions)
  return { name, bucket, destination, eventType, prefix, suffix, extensions: { ...extensions } }
}

/** @throws RemoteJobError `INVALID_ARGUMENT` */
export function checkSubscriptionName(name: unknown): asserts name is string {
  if (typeof name === 'string' && /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) return
  throw refusal('name', '1 to 63 lower-case letters, digits and "-", with a letter or digit at both ends', name)
}

/** A subscription as it is kept; `undefined` for what a newer version wrote. */
export function parseSubscription(value: unknown): Subscription | undefined {
  if (!isJsonObject(value)) return undefined
  const { name, bucket, destination, eventType, prefix, suffix, extensions } = value
  if (typeof name !== 'string' || typeof bucket !== 'string' || typeof destination !== 'string') return undefined
  if (typeof prefix !== 'string' || typeof suffix !== 'string') return undefined
  if (eventType !== 'write' && eventType !== 'delete' && eventType !== 'all') return undefined
  const pairs = Object.entries(isJsonObject(extensions) ? extensions : {})
  if (!pairs.every((pair): pair is [string, string] => typeof pair[1] === 'string')) return undefined
  return { name, bucket, destination, eventType, prefix, suffix, extensions: Object.fromEntries(pairs) }
}

/** Whether the event is one that the subscription is for. */
export function fits({ bucket, eventType, prefix, suffix }: Subscription, event: ObjectEvent): boolean {
  const { key } = event
  return (
    bucket === event.bucket &&
    (eventType === 'all' || eventType === event.kind) &&
    key.startsWith(prefix) &&
    key.endsWith(suffix)
  )
}

/** Plain text: a star is a star. */
function checkText(name: string, value: unknown): void {
  const isPlain = typeof value === 'string' && value.isWellFormed() && !/\p{Cc}/u.test(value)
  if (!isPlain || Buffer.byteLength(value) > longestText)
    throw refusal(name, `text of at most ${longestText} bytes without control characters`, value)
}
