import { createHash } from 'node:crypto'
import { decodeForm, type Home, member } from './foreign.ts'
import { isJsonObject, type JsonObject } from './json.ts'
import { isOwnKey } from './keys.ts'
import { bucketName, show } from './names.ts'
import { number, text } from './request.ts'

/** Something that happened to an object of some bucket. */
export interface ObjectEvent {
  /** 40 hexadecimal digits, made of bucket, key and sequencer: an event that comes twice has one id. */
  readonly id: string
  readonly kind: 'write' | 'delete'
  readonly bucket: string
  readonly key: string
  /** As ISO 8601 has it. */
  readonly time: string
  /** S3's name for the request that did it; those of other stores may be the same for all. */
  readonly requestId: string
  /** Bytes, where that is told. */
  readonly size?: number | undefined
  /** Without quotes. */
  readonly etag?: string | undefined
  readonly contentType?: string | undefined
}

/** S3's limit, in bytes of UTF-8. */
const longestKey = 1024

/**
 * The event in one record of an S3 notification; `undefined` for one of another kind (a restored object, a tag …).
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export function parseEvent(record: unknown): ObjectEvent | { readonly flaw: string } | undefined {
  const s3 = member(record, 's3')
  const object = member(s3, 'object')
  const bucket = text(member(s3, 'bucket')?.['name'])
  const encoded = text(object?.['key'])
  if (!isJsonObject(record) || !object || bucket === undefined || encoded === undefined)
    return { flaw: 'a record in it is no S3 event' }
  const { eventVersion, eventName, eventTime: time } = record
  // Equal major number, and any minor one: such is S3's promise.
  if (typeof eventVersion !== 'string' || !/^2\.\d{1,4}$/.test(eventVersion))
    return { flaw: `its \`eventVersion\` is ${show(eventVersion)}, and 2.x is what this version of remotejob reads` }
  if (typeof eventName !== 'string') return { flaw: 'it has no `eventName`' }
  const kind = kindOf(eventName)
  if (!kind) return undefined
  const key = decodeForm(encoded)
  if (key === undefined || key === '' || Buffer.byteLength(key) > longestKey)
    return { flaw: 'its object’s key is none that S3 has' }
  if (typeof time !== 'string' || !isTime(time)) return { flaw: `its \`eventTime\` is ${show(time)}, which is no time` }
  const requestId = plain(member(record, 'responseElements')?.['x-amz-request-id'])
  const id = idOf([bucket, key, sequenceOf(object) ?? [eventName, time, object, requestId ?? '']])
  return { id, kind, bucket, key, time, requestId: requestId ?? id, ...detailsOf(object) }
}

/** The same, in the form of a job's metadata. */
export function eventFrom(value: unknown): ObjectEvent | undefined {
  if (!isJsonObject(value)) return undefined
  const { id, kind, bucket, key, time, requestId } = value
  const [a, b, c, d, e] = [id, bucket, key, time, requestId].map(text)
  if (a === undefined || b === undefined || c === undefined || d === undefined || e === undefined) return undefined
  if (kind !== 'write' && kind !== 'delete') return undefined
  return { id: a, kind, bucket: b, key: c, time: d, requestId: e, ...detailsOf(value) }
}

/** Whether the library wrote the object itself, so that its event is nobody's: in the bucket of the queue, or in one of its naming. */
export function isOwnObject({ bucket, key }: Pick<ObjectEvent, 'bucket' | 'key'>, home: Home): boolean {
  const { prefix } = home
  if (bucket === home.bucket && key.startsWith(prefix) && isOwnKey(key.slice(prefix.length))) return true
  return bucket.startsWith(bucketName('')) && isOwnKey(key)
}

/** What a store that is no S3 says of an event, as S3 would. The sequencer grows with each event. */
export function formatNotification(event: Omit<ObjectEvent, 'id'>, sequencer: string): string {
  const { kind, bucket, key, time, requestId, size, etag, contentType } = event
  const record = {
    eventVersion: '2.1',
    eventSource: 'remotejob:local',
    eventTime: time,
    eventName: kind === 'write' ? 'ObjectCreated:Put' : 'ObjectRemoved:Delete',
    responseElements: { 'x-amz-request-id': requestId },
    s3: {
      bucket: { name: bucket },
      object: { key: encodeForm(key), size, eTag: etag, contentType, sequencer },
    },
  }
  return JSON.stringify({ Records: [record] })
}

/** Some servers write `s3:` before it, S3 does not. */
function kindOf(eventName: string): ObjectEvent['kind'] | undefined {
  if (/^(s3:)?ObjectCreated:/.test(eventName)) return 'write'
  return /^(s3:)?ObjectRemoved:/.test(eventName) ? 'delete' : undefined
}

/** Sequencers of a key are hexadecimal numbers of any length: the same number, with zeros before it or not, is the same event. */
function sequenceOf(object: JsonObject): string | undefined {
  const sequencer = text(object['sequencer'])
  if (sequencer === undefined || sequencer === '') return undefined
  return /^[0-9a-f]+$/i.test(sequencer) ? sequencer.toUpperCase().replace(/^0+(?=.)/, '') : sequencer
}

function detailsOf(object: JsonObject): Pick<ObjectEvent, 'size' | 'etag' | 'contentType'> {
  const size = number(object['size'])
  return {
    size: size !== undefined && Number.isSafeInteger(size) && size >= 0 ? size : undefined,
    etag: plain(object['eTag'] ?? object['etag'])?.replaceAll('"', ''),
    contentType: plain(object['contentType']),
  }
}

/** A short text that can stand in an environment. */
function plain(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\x20-\x7e]{1,256}$/.test(value) ? value : undefined
}

function isTime(value: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(value) && !Number.isNaN(Date.parse(value))
}

function idOf(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 40)
}

const encodeForm = (key: string): string => encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/')
