import { isJsonObject, type JsonValue } from './json.ts'
import { number } from './request.ts'

/** `live/<id>.json`: who works on a job now. Advice only; the last writer wins. */
export interface LiveRecord {
  readonly v: 1
  readonly attempt: number
  /** The attempt's own mark. */
  readonly nonce: string
  readonly startedAt: number
  readonly leaseSeconds: number
  /** Whatever the handler last reported. */
  readonly progress?: JsonValue | undefined
}

export function formatLive(record: LiveRecord): string {
  return JSON.stringify(record)
}

/** The record in a value fresh from JSON.parse, or `undefined` when there is none. */
export function parseLive(value: unknown): LiveRecord | undefined {
  if (!isJsonObject(value) || value['v'] !== 1) return undefined
  const { attempt, nonce, startedAt, leaseSeconds } = value
  if (typeof attempt !== 'number' || typeof nonce !== 'string' || typeof startedAt !== 'number') return undefined
  return { v: 1, attempt, nonce, startedAt, leaseSeconds: number(leaseSeconds) ?? 0, progress: value['progress'] }
}
