import { hash as sha256 } from 'node:crypto'
import { canonicalJson, isJsonObject, type JsonObject, type JsonValue } from './json.ts'
import { isKey } from './keys.ts'

/** What a requester asked for: kept beside the input, and the source of every message that is sent for the job. */
export interface JobRequest {
  readonly metadata: JsonObject
  readonly filename?: string | undefined
  readonly contentType?: string | undefined
  /** The queue it goes to; `pending` when not said. */
  readonly status?: string | undefined
  readonly attempts: number
  readonly timeoutSeconds?: number | undefined
  readonly group?: string | undefined
  /** Milliseconds since 1970, as all times on the wire. */
  readonly submittedAt: number
  /** Not delivered earlier. */
  readonly notBefore?: number | undefined
  /** Not started later. */
  readonly expiresAt?: number | undefined
  /** Digest of what makes two requests the same; see {@link requestHash}. */
  readonly hash: string
  /** The job that this one tries again. */
  readonly retryOf?: string | undefined
  /** Where the input's bytes are, when not in the input object itself. */
  readonly pointer?: Pointer | undefined
}

/** One version of a stored object. */
export interface Pointer {
  readonly key: string
  readonly etag: string
  /** Bytes. */
  readonly size: number
}

/** What decides whether a second request with the same id asks for the same job: never times, and never the body. */
export interface Sameness {
  /** The queue's name: several may share a bucket. */
  readonly queue: string
  readonly metadata: JsonObject
  readonly status: string
  readonly key: string | undefined
  readonly options: { readonly [name: string]: JsonValue | undefined }
}

/** Two requests of one id are the same job exactly when their hashes are equal. */
export function requestHash({ queue, metadata, status, key, options }: Sameness): string {
  const said = Object.fromEntries(
    Object.entries(options).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined),
  )
  const text = canonicalJson({ queue, metadata, status, key: key ?? null, options: said })
  return sha256('sha256', text, 'hex').slice(0, 32)
}

/** The request as JSON text. */
export function formatRequest(request: JobRequest): string {
  return JSON.stringify(request)
}

/** The request that {@link formatRequest} wrote, or `undefined` when `value` is no such thing. */
export function parseRequest(value: unknown): JobRequest | undefined {
  if (!isJsonObject(value)) return undefined
  const { metadata, attempts, submittedAt, hash } = value
  if (!isJsonObject(metadata) || !isCount(attempts) || typeof submittedAt !== 'number' || typeof hash !== 'string')
    return undefined
  return {
    metadata,
    attempts,
    submittedAt,
    hash,
    filename: text(value['filename']),
    contentType: text(value['contentType']),
    status: text(value['status']),
    timeoutSeconds: number(value['timeoutSeconds']),
    group: text(value['group']),
    notBefore: number(value['notBefore']),
    expiresAt: number(value['expiresAt']),
    pointer: parsePointer(value['pointer']),
    retryOf: text(value['retryOf']),
  }
}

function parsePointer(value: unknown): Pointer | undefined {
  if (!isJsonObject(value)) return undefined
  const { key, etag, size } = value
  return isKey(key) && typeof etag === 'string' && typeof size === 'number' ? { key, etag, size } : undefined
}

/** A member that came off the wire, when it is a text. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** A member that came off the wire, when it is a finite number. */
export function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** Whether a member that came off the wire is a whole number from 1. */
export function isCount(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1
}
