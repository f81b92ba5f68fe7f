import { RemoteJobError } from '../errors.ts'
import { show } from '../protocol/names.ts'
import type { ScheduleRecord } from '../protocol/schedules.ts'
import { aheadSeconds } from './send-due.ts'

/** The instants that a cron expression means, in milliseconds since 1970. */
export interface Ticks {
  /** The first one after that instant; `undefined` when there is none. */
  next(after: number): number | undefined
  /** The last one that is not after that instant. */
  latest(until: number): number | undefined
}

/** Seconds after which a tick that was not sent is a missed one: no hiccup of a scheduler and no clock that is put right makes one. */
const missedAfterSeconds = 600

/** Ticks of a schedule that are sent in one look, at most. */
const mostTicks = 1000

/**
 * Reads a cron expression. What a time zone's changes do is croner's rule, which is Vixie cron's: a single time of day that the clock
 * skips comes right after, and one that comes twice counts once; all others follow the clock.
 * @throws RemoteJobError `INVALID_ARGUMENT` with the field or value that is wrong; a time zone that is none is found with the first tick
 */
export async function ticksOf({ cron, timeZone }: Pick<ScheduleRecord, 'cron' | 'timeZone'>): Promise<Ticks> {
  const pattern = typeof cron === 'string' ? cron.trim() : ''
  if (!/^(?:@[a-z]+|\S+(?:\s+\S+){4})$/i.test(pattern) || pattern.length > 256)
    throw refusal(cron, 'minute, hour, day of month, month and day of week are wanted')
  const { Cron } = await import('croner')
  try {
    // `0/15` is what others write for `*/15`.
    const parsed = new Cron(pattern.replaceAll(/(?<=^|[\s,])0\/(?=\d)/g, '*/'), { timezone: timeZone, mode: '5-part' })
    return {
      next: remembered((after) => parsed.nextRun(new Date(after))?.getTime()),
      latest: (until) => parsed.previousRuns(1, new Date(until + 1))[0]?.getTime(),
    }
  } catch (error) {
    throw refusal(cron, reasonOf(error))
  }
}

/**
 * The first tick after an instant.
 * @throws RemoteJobError `INVALID_ARGUMENT` for an expression that never comes
 */
export function firstTick(ticks: Ticks, cron: string, after: number): number {
  const first = ticks.next(after)
  if (first !== undefined) return first
  throw new RemoteJobError('INVALID_ARGUMENT', `The schedule "${cron}" never comes: no month has such a day`)
}

/** What is to be sent now: ticks after the cursor that have come, or come within {@link aheadSeconds}. */
export function dueTicks(
  ticks: Ticks,
  { after, now, missed }: { readonly after: number; readonly now: number; readonly missed: ScheduleRecord['missed'] },
): readonly number[] {
  const due: number[] = []
  const end = now + aheadSeconds * 1000
  for (let tick = ticks.next(beginOf(ticks, { after, now, missed })); tick !== undefined && tick <= end;) {
    due.push(tick)
    if (due.length === mostTicks) break
    tick = ticks.next(tick)
  }
  return due
}

/** From where on ticks are sent, when some were missed. */
function beginOf(ticks: Ticks, { after, now, missed }: Parameters<typeof dueTicks>[1]): number {
  const limit = now - missedAfterSeconds * 1000
  const first = ticks.next(after)
  if (first === undefined || first >= limit) return after
  switch (missed) {
    case 'all':
      return after
    case 'skip':
      return limit - 1
    case 'once':
      return (ticks.latest(now) ?? now) - 1
    default:
      return missed satisfies never
  }
}

/** The answer holds for all that is asked until the tick comes: a schedule that rests for a month is computed once. */
function remembered(next: Ticks['next']): Ticks['next'] {
  let known = { after: Infinity, next: 0 }
  return (after) => {
    if (after >= known.after && after < known.next) return known.next
    const found = next(after)
    if (found !== undefined) known = { after, next: found }
    return found
  }
}

function refusal(cron: unknown, why: string): RemoteJobError {
  return new RemoteJobError(
    'INVALID_ARGUMENT',
    `Expected \`cron\` to be five fields, such as "*/15 8-18 * * MON-FRI", got ${show(cron)}: ${why}`,
  )
}

/** The parser counts days and months from 0 where it names a value that is out of range. */
function reasonOf(error: unknown): string {
  if (error instanceof RangeError)
    return 'a value is outside of 0-59 (minute), 0-23 (hour), 1-31 (day), 1-12 (month) or 0-7 (weekday)'
  const message = error instanceof Error ? error.message : String(error)
  return /stepping: 0+$/.test(message) ? 'a step of 0 would never end' : message.replace(/^\w+: /, '')
}
