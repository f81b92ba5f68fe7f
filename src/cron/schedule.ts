import type { KnownSchedule } from '../lifecycle/known-schedules.ts'
import type { Standing } from '../lifecycle/standing-schedules.ts'
import type { JsonObject } from '../protocol/json.ts'
import type { Missed, ScheduleRecord } from '../protocol/schedules.ts'
import type { TickOptions } from './schedule-options.ts'

/** A schedule as it stands. */
export interface Schedule {
  readonly name: string
  readonly cron: string
  readonly timeZone: string
  readonly missed: Missed
  /** Whether it rests until it is resumed. */
  readonly paused: boolean
  /** Its next tick that is still to come; `undefined` while it rests. */
  readonly nextTick: Date | undefined
  readonly metadata: JsonObject
  readonly body: Buffer | undefined
  readonly options: TickOptions
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** What users see of a schedule. */
export function scheduleFrom({ record, ticks }: KnownSchedule, standing: Standing, now: number): Schedule {
  const { name, cron, timeZone, missed, metadata, input, createdAt, updatedAt } = record
  return {
    name,
    cron,
    timeZone,
    missed,
    metadata,
    paused: standing.isPaused,
    nextTick: standing.isPaused ? undefined : instant(ticks.next(Math.max(now, record.from))),
    body: input === undefined ? undefined : Buffer.from(input, 'base64'),
    options: optionsOf(record),
    createdAt: new Date(createdAt),
    updatedAt: new Date(updatedAt),
  }
}

function optionsOf({ attempts, timeoutSeconds, expiresSeconds, group }: ScheduleRecord): TickOptions {
  return Object.fromEntries(
    Object.entries({ attempts, timeoutSeconds, expiresSeconds, group }).filter(([, value]) => value !== undefined),
  )
}

const instant = (time: number | undefined): Date | undefined => (time === undefined ? undefined : new Date(time))
