import { isId } from './id.ts'
import { isJsonObject, type JsonObject, mostBytes } from './json.ts'
import { isKey, metadataKey } from './keys.ts'
import { isFinalStatus, parseRecord, type FinalStatus, type ResultRecord } from './record.ts'
import { isCount, number, text, type JobRequest } from './request.ts'

/** The version of message that this library writes, and the highest that it reads. */
export const messageVersion = 1

/** What SQS carries for a job: enough to work on it without another request. Names only, all of them below the queue's prefix. */
export interface JobMessage {
  readonly v: 1
  readonly id: string
  /** The input, when the job has one, with the version that was meant. */
  readonly key?: string | undefined
  readonly etag?: string | undefined
  /** Bytes of the input. */
  readonly size?: number | undefined
  /** The user's data; in the object `spilled` when it is too large for a message. */
  readonly metadata: JsonObject
  readonly spilled?: string | undefined
  readonly filename?: string | undefined
  readonly contentType?: string | undefined
  readonly attempts?: number | undefined
  readonly timeoutSeconds?: number | undefined
  readonly group?: string | undefined
  readonly submittedAt?: number | undefined
  readonly expiresAt?: number | undefined
  readonly hash?: string | undefined
  /** The job that this one tries again. */
  readonly retryOf?: string | undefined
  /** The requester's reply queue, to be checked by `isReplyQueueName`. */
  readonly replyTo?: string | undefined
  /** In an announcement: how the job ended. */
  readonly finished?: Finish | undefined
}

/** Which bytes a message is about, as far as that is known. */
export type Input = Pick<JobMessage, 'key' | 'etag' | 'size'>

/** What an announcement says beyond the job: its end, and the record too where that is small or kept nowhere else. */
export interface Finish {
  readonly status: FinalStatus
  readonly attempt: number
  readonly record?: ResultRecord | undefined
}

/** Most bytes of metadata that ride in a message; above, they are left to their object. */
const maxMessageMetadataBytes = 48 * 1024

/** The message that announces a request. `spilled` names the object that has the metadata, when one has. */
export function messageFrom(id: string, request: JobRequest, input: Input, spilled?: string): JobMessage {
  const large = isLarge(request.metadata)
  return {
    v: messageVersion,
    id,
    key: input.key,
    etag: input.etag,
    size: input.size,
    metadata: large ? {} : request.metadata,
    spilled: large ? spilled : undefined,
    filename: request.filename,
    contentType: request.contentType,
    attempts: request.attempts,
    timeoutSeconds: request.timeoutSeconds,
    group: request.group,
    submittedAt: request.submittedAt,
    expiresAt: request.expiresAt,
    hash: request.hash,
    retryOf: request.retryOf,
  }
}

/** Whether metadata is too large to ride in a message. */
export function isLarge(metadata: JsonObject): boolean {
  if (mostBytes(metadata) <= maxMessageMetadataBytes) return false
  return Buffer.byteLength(JSON.stringify(metadata)) > maxMessageMetadataBytes
}

/**
 * The message as JSON text, without the two characters that SQS refuses and JSON.stringify leaves as they are.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
export function formatMessage(message: JobMessage): string {
  return JSON.stringify(message).replaceAll('\ufffe', '\\ufffe').replaceAll('\uffff', '\\uffff')
}

/** A message of ours in a value fresh from JSON.parse, or why it is none. */
export function parseMessage(value: JsonObject): JobMessage | { readonly flaw: string } {
  const { id, key, spilled } = value
  if (!isId(id)) return { flaw: 'its `id` is not a job id' }
  if (key !== undefined && !isKey(key)) return { flaw: 'its `key` is not a key below the prefix' }
  if (spilled !== undefined && !isSpilled(spilled, id)) return { flaw: 'its `spilled` does not name its own metadata' }
  const metadata = value['metadata'] ?? {}
  if (!isJsonObject(metadata)) return { flaw: 'its `metadata` is not an object' }
  const finished = parseFinish(value['finished'])
  if (value['finished'] !== undefined && !finished) return { flaw: 'its `finished` is not the end of a job' }
  return {
    v: messageVersion,
    id,
    key,
    spilled,
    metadata,
    finished,
    etag: text(value['etag']),
    size: number(value['size']),
    filename: text(value['filename']),
    contentType: text(value['contentType']),
    attempts: isCount(value['attempts']) ? value['attempts'] : undefined,
    timeoutSeconds: number(value['timeoutSeconds']),
    group: text(value['group']),
    submittedAt: number(value['submittedAt']),
    expiresAt: number(value['expiresAt']),
    hash: text(value['hash']),
    retryOf: text(value['retryOf']),
    replyTo: text(value['replyTo']),
  }
}

function isSpilled(key: unknown, id: string): key is string {
  return isKey(key) && key.startsWith(metadataKey(id, '').slice(0, -'.json'.length))
}

function parseFinish(value: unknown): Finish | undefined {
  if (!isJsonObject(value)) return undefined
  const { status, attempt } = value
  if (!isFinalStatus(status) || typeof attempt !== 'number') return undefined
  return { status, attempt, record: parseRecord(value['record']) }
}
