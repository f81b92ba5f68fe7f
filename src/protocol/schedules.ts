import { isJsonObject, type JsonObject } from './json.ts'
import { isCount, number, text } from './request.ts'

/** What becomes of ticks that nobody could send at their time. */
export const missedPolicies = ['skip', 'once', 'all'] as const
export type Missed = (typeof missedPolicies)[number]

/** `cron/<name>/schedule.json`: when a job is made again and again, and what it is. */
export interface ScheduleRecord {
  readonly v: 1
  readonly name: string
  /** 16 hexadecimal digits, new with every change of its times: a cursor of others does not count. */
  readonly uid: string
  readonly cron: string
  readonly timeZone: string
  readonly missed: Missed
  /** Milliseconds since 1970, by the store's clock: ticks after it count. */
  readonly from: number
  readonly createdAt: number
  readonly updatedAt: number
  readonly metadata: JsonObject
  readonly filename?: string | undefined
  readonly contentType?: string | undefined
  /** The input's bytes in base64, when the jobs have one. */
  readonly input?: string | undefined
  readonly attempts?: number | undefined
  readonly timeoutSeconds?: number | undefined
  /** From the tick on. */
  readonly expiresSeconds?: number | undefined
  readonly group?: string | undefined
}

/** The schedule that a JSON value is, or `undefined`: something else, or written by a newer version. */
export function parseSchedule(value: unknown): ScheduleRecord | undefined {
  if (!isJsonObject(value) || value['v'] !== 1) return undefined
  const { metadata } = value
  const missed = missedPolicies.find((known) => known === value['missed'])
  const [name, uid, cron, timeZone] = ['name', 'uid', 'cron', 'timeZone'].map((member) => text(value[member]))
  const [from, createdAt, updatedAt] = ['from', 'createdAt', 'updatedAt'].map((member) => number(value[member]))
  if (name === undefined || uid === undefined || cron === undefined || timeZone === undefined) return undefined
  if (from === undefined || createdAt === undefined || updatedAt === undefined) return undefined
  if (missed === undefined || !isJsonObject(metadata)) return undefined
  return {
    v: 1,
    name,
    uid,
    cron,
    timeZone,
    missed,
    from,
    createdAt,
    updatedAt,
    metadata,
    filename: text(value['filename']),
    contentType: text(value['contentType']),
    input: text(value['input']),
    attempts: isCount(value['attempts']) ? value['attempts'] : undefined,
    timeoutSeconds: number(value['timeoutSeconds']),
    expiresSeconds: number(value['expiresSeconds']),
    group: text(value['group']),
  }
}
