import { inspect } from 'node:util'
import { isNativeError } from 'node:util/types'
import { isId } from './id.ts'
import { isJsonObject, type JsonObject, type JsonValue } from './json.ts'
import { isKey } from './keys.ts'
import { number, text } from './request.ts'

export const finalStatuses = ['completed', 'failed', 'cancelled', 'expired'] as const
/** How a job can end. */
export type FinalStatus = (typeof finalStatuses)[number]

/** A job's fate: `results/<id>.json`, written once and never changed. */
export interface ResultRecord {
  readonly v: 1
  readonly id: string
  readonly status: FinalStatus
  /** The attempt that ended it; 0 when none ran. */
  readonly attempt: number
  /** Tells the writer's own record from another's. */
  readonly nonce: string
  readonly requestHash?: string | undefined
  readonly submittedAt?: number | undefined
  readonly startedAt?: number | undefined
  readonly finishedAt: number
  readonly error?: RecordedError | undefined
  readonly value?: JsonValue | undefined
  readonly assets: readonly RecordedAsset[]
  /** When its files, value and error were taken out, since its time to live was over; the fate stays. */
  readonly removedAt?: number | undefined
}

export interface RecordedError {
  readonly name: string
  readonly message: string
  readonly code?: string | undefined
  readonly stack?: string | undefined
}

export interface RecordedAsset {
  readonly name: string
  /** Bytes. */
  readonly size: number
  readonly filename?: string | undefined
  readonly contentType?: string | undefined
  /** Where its bytes are … */
  readonly key?: string | undefined
  readonly etag?: string | undefined
  /** … or the bytes themselves, in base64. */
  readonly inline?: string | undefined
}

/** The record as JSON text. */
export function formatRecord(record: ResultRecord): string {
  return JSON.stringify(record)
}

/** The record in a value fresh from JSON.parse, or `undefined` when there is none. */
export function parseRecord(value: unknown): ResultRecord | undefined {
  if (!isJsonObject(value) || value['v'] !== 1) return undefined
  const { id, status, attempt, nonce, finishedAt, assets } = value
  if (!isId(id) || !isFinalStatus(status) || typeof attempt !== 'number' || typeof nonce !== 'string') return undefined
  if (typeof finishedAt !== 'number' || !Array.isArray(assets)) return undefined
  const parsed = assets.map(parseAsset)
  if (!parsed.every((asset) => asset !== undefined)) return undefined
  return {
    v: 1,
    id,
    status,
    attempt,
    nonce,
    finishedAt,
    assets: parsed,
    value: value['value'],
    error: parseError(value['error']),
    requestHash: text(value['requestHash']),
    submittedAt: number(value['submittedAt']),
    startedAt: number(value['startedAt']),
    removedAt: number(value['removedAt']),
  }
}

export function isFinalStatus(value: unknown): value is FinalStatus {
  return finalStatuses.some((status) => status === value)
}

/** An error as a record keeps it; long texts are cut, so that a record stays small. */
export function recordedError(error: unknown): RecordedError {
  if (!(error instanceof Error) && !isNativeError(error)) return { name: 'Error', message: cut(textFrom(error)) }
  // Whatever their types say, these may have been assigned anything.
  const { name, message, stack, code }: { name: unknown; message: unknown; stack?: unknown; code?: unknown } = error
  return {
    name: cut(textFrom(name)),
    message: cut(textFrom(message)),
    code: typeof code === 'string' ? cut(code) : undefined,
    stack: typeof stack === 'string' ? cut(stack) : undefined,
  }
}

const maxTextLength = 8192
const cut = (value: string): string => (value.length > maxTextLength ? `${value.slice(0, maxTextLength)}…` : value)

function textFrom(value: unknown): string {
  if (typeof value === 'string') return value
  try {
    return JSON.stringify(value) ?? inspect(value)
  } catch {
    return inspect(value)
  }
}

/** An error that was recorded, in a value fresh from JSON.parse. */
export function parseError(value: unknown): RecordedError | undefined {
  if (!isJsonObject(value)) return undefined
  const { name, message } = value
  if (typeof name !== 'string' || typeof message !== 'string') return undefined
  return { name, message, code: text(value['code']), stack: text(value['stack']) }
}

function parseAsset(value: unknown): RecordedAsset | undefined {
  if (!isJsonObject(value)) return undefined
  const { name, size } = value
  if (typeof name !== 'string' || typeof size !== 'number') return undefined
  const place = placeOfBytes(value)
  return place && { name, size, filename: text(value['filename']), contentType: text(value['contentType']), ...place }
}

function placeOfBytes({ key, etag, inline }: JsonObject): Pick<RecordedAsset, 'key' | 'etag' | 'inline'> | undefined {
  if (typeof inline === 'string') return { inline }
  return isKey(key) && typeof etag === 'string' ? { key, etag } : undefined
}
