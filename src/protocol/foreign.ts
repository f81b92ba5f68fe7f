import { createHash } from 'node:crypto'
import { isId } from './id.ts'
import { isJsonObject, type JsonObject } from './json.ts'
import { isKey, isOwnKey } from './keys.ts'
import { type JobMessage, messageVersion } from './message.ts'
import { number, text } from './request.ts'

/** Where a foreign message must point: nothing in a message chooses another bucket, or a key outside the prefix. */
export interface Home {
  readonly bucket: string
  /** Empty, or ending in `/`. */
  readonly prefix: string
}

/** Messages that others wrote, as jobs; or why they are none. */
export type Foreign = readonly JobMessage[] | { readonly flaw: string }

/** Whether a message's body is a remotejob 2 job: `{…metadata, bucket, key}`. */
export function isVersion2(body: JsonObject): boolean {
  return typeof body['bucket'] === 'string' && typeof body['key'] === 'string'
}

/** A remotejob 2 message as a job; its id is the SQS MessageId, as it was in that version. */
export function fromVersion2(body: JsonObject, messageId: string, home: Home): Foreign {
  const { bucket, key: path, ...metadata } = body
  if (bucket !== home.bucket) return { flaw: 'it names a bucket that is not this queue’s' }
  const key = below(home, path)
  if (key === undefined) return { flaw: 'its `key` is not a key below the prefix' }
  if (!isId(messageId)) return { flaw: 'its message id is not a job id' }
  return [{ v: messageVersion, id: messageId, key, metadata, filename: text(metadata['filename']) }]
}

/** Whether a message's body is S3's own: a notification, or the test event that S3 sends when one is set up. */
export function isNotification(body: JsonObject): boolean {
  return Array.isArray(body['Records']) || body['Event'] === 's3:TestEvent'
}

/**
 * The jobs in an S3 notification: one a record; none for the test event and for objects that the library wrote itself.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export function fromNotification(body: JsonObject, home: Home): Foreign {
  const records: readonly unknown[] = Array.isArray(body['Records']) ? body['Records'] : []
  const jobs: JobMessage[] = []
  for (const record of records) {
    const job = fromEvent(record, home)
    if (typeof job === 'string') return { flaw: job }
    if (job) jobs.push(job)
  }
  return jobs
}

function fromEvent(record: unknown, home: Home): JobMessage | undefined | string {
  const s3 = member(record, 's3')
  const bucket = text(member(s3, 'bucket')?.['name'])
  const object = member(s3, 'object')
  const encoded = text(object?.['key'])
  if (!isJsonObject(record) || !object || bucket === undefined || encoded === undefined)
    return 'a record in it is no S3 event'
  if (bucket !== home.bucket) return 'it names a bucket that is not this queue’s'
  const key = below(home, decodeForm(encoded))
  if (key === undefined) return 'its object’s key is not a key below the prefix'
  if (isOwnKey(key)) return undefined
  const etag = text(object['eTag'])
  return {
    v: messageVersion,
    id: eventId(bucket, encoded, text(object['sequencer']) ?? etag ?? ''),
    key,
    etag: etag === undefined ? undefined : `"${etag}"`,
    size: number(object['size']),
    metadata: { eventName: text(record['eventName']) ?? '', eventTime: text(record['eventTime']) ?? '' },
    filename: key.slice(key.lastIndexOf('/') + 1),
  }
}

/** One event, one id: S3 may send an event more than once. */
function eventId(bucket: string, key: string, sequencer: string): string {
  return `s3-${createHash('sha256')
    .update(JSON.stringify([bucket, key, sequencer]))
    .digest('hex')
    .slice(0, 40)}`
}

function below({ prefix }: Home, path: unknown): string | undefined {
  if (typeof path !== 'string' || !path.startsWith(prefix)) return undefined
  const key = path.slice(prefix.length)
  return isKey(key) ? key : undefined
}

/** A key as S3 writes it into an event: `+` for a space, then percent. `undefined` for what is none. */
export function decodeForm(value: string): string | undefined {
  try {
    return decodeURIComponent(value.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

/** An object in an object, off the wire. */
export function member(value: unknown, name: string): JsonObject | undefined {
  const found = isJsonObject(value) ? value[name] : undefined
  return isJsonObject(found) ? found : undefined
}
