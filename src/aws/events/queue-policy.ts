import { GetQueueAttributesCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs'
import type { Cancellable } from '../../backend.ts'
import { isRemoteJobError, RemoteJobError } from '../../errors.ts'
import { member } from '../../protocol/foreign.ts'
import { isJsonObject, type JsonObject, parseJson } from '../../protocol/json.ts'
import { call } from '../call.ts'
import type { Clients } from '../clients.ts'
import type { QueueUrls } from '../queue-urls.ts'
import { hashOf } from './rules.ts'

/** By which our statements are told from those of others. */
const sidPrefix = 'remotejobEvents'

const untold: ReadonlySet<string> = new Set(['ACCESS_DENIED', 'INVALID_ARGUMENT', 'NOT_FOUND', 'UNSUPPORTED'])

/** A queue's policy: who else may send to it. */
export class QueuePolicy {
  readonly #queue: string
  readonly #clients: Clients
  readonly #urls: QueueUrls

  constructor(queue: string, clients: Clients, urls: QueueUrls) {
    this.#queue = queue
    this.#clients = clients
    this.#urls = urls
  }

  /**
   * Lets S3 send what a bucket of the queue's own account tells, or not any more; what others may do stays.
   * https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html
   * @returns The queue's ARN
   */
  async admit(bucket: string, isWanted: boolean, options: Cancellable): Promise<string> {
    const { arn, policy } = await this.#read(options)
    const Sid = sidPrefix + hashOf([bucket])
    const others = statementsOf(policy).filter((statement) => !isJsonObject(statement) || statement['Sid'] !== Sid)
    const wanted = isWanted ? [...others, statement(Sid, arn, bucket)] : others
    if (JSON.stringify(wanted) !== JSON.stringify(statementsOf(policy))) await this.#write(policy, wanted, options)
    return arn
  }

  async arn(options: Cancellable): Promise<string> {
    return (await this.#read(options)).arn
  }

  /** The buckets that were let send; none where that cannot be told: other servers know of no policies. */
  async buckets(options: Cancellable): Promise<readonly string[]> {
    try {
      const { policy } = await this.#read(options)
      return statementsOf(policy).flatMap((one) => bucketIn(one) ?? [])
    } catch (error) {
      if (isRemoteJobError(error) && untold.has(error.code)) return []
      throw error
    }
  }

  async #read(options: Cancellable): Promise<{ readonly arn: string; readonly policy: JsonObject }> {
    const command = new GetQueueAttributesCommand({
      QueueUrl: await this.#urls.of(this.#queue),
      AttributeNames: ['QueueArn', 'Policy'],
    })
    const { Attributes = {} } = await call({ operation: 'GetQueueAttributes', queue: this.#queue }, options, (http) =>
      this.#clients.sqs.send(command, http),
    )
    const { QueueArn: arn, Policy = '' } = Attributes
    if (arn === undefined)
      throw new RemoteJobError('UNSUPPORTED', `The server gave no ARN for the queue "${this.#queue}"`)
    const policy = Policy === '' ? { Version: '2012-10-17' } : parseJson(Policy)
    if (isJsonObject(policy)) return { arn, policy }
    throw new RemoteJobError('UNSUPPORTED', `The policy of the queue "${this.#queue}" cannot be read`)
  }

  /** SQS takes no policy without a statement, but an empty text. */
  async #write(policy: JsonObject, Statement: readonly unknown[], options: Cancellable): Promise<void> {
    const command = new SetQueueAttributesCommand({
      QueueUrl: await this.#urls.of(this.#queue),
      Attributes: { Policy: Statement.length === 0 ? '' : JSON.stringify({ ...policy, Statement }) },
    })
    await call({ operation: 'SetQueueAttributes', queue: this.#queue }, options, (http) =>
      this.#clients.sqs.send(command, http),
    )
  }
}

/** IAM takes a single one without brackets. */
function statementsOf({ Statement = [] }: JsonObject): readonly unknown[] {
  return Array.isArray(Statement) ? Statement : [Statement]
}

/** The bucket of a statement of ours. */
function bucketIn(statement: unknown): string | undefined {
  const sid = isJsonObject(statement) ? statement['Sid'] : undefined
  if (typeof sid !== 'string' || !sid.startsWith(sidPrefix)) return undefined
  const arn = member(member(statement, 'Condition'), 'ArnLike')?.['aws:SourceArn']
  return typeof arn === 'string' ? arn.split(':::')[1] : undefined
}

function statement(Sid: string, arn: string, bucket: string) {
  const [, partition = 'aws', , , account = ''] = arn.split(':')
  return {
    Sid,
    Effect: 'Allow',
    Principal: { Service: 's3.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: arn,
    Condition: {
      ArnLike: { 'aws:SourceArn': `arn:${partition}:s3:::${bucket}` },
      StringEquals: { 'aws:SourceAccount': account },
    },
  }
}
