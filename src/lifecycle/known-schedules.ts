import type { Cancellable } from '../backend.ts'
import { buffer } from 'node:stream/consumers'
import { RemoteJobError } from '../errors.ts'
import { parseJson } from '../protocol/json.ts'
import { scheduleKey } from '../protocol/schedule-keys.ts'
import { parseSchedule, type ScheduleRecord } from '../protocol/schedules.ts'
import type { Standing } from './standing-schedules.ts'
import { type Ticks, ticksOf } from './ticks.ts'
import type { Workspace } from './workspace.ts'

/** A schedule that was read. */
export interface KnownSchedule {
  readonly record: ScheduleRecord
  readonly ticks: Ticks
}

/** Whether a schedule means that instant. */
export function isTick({ record, ticks }: KnownSchedule, at: number): boolean {
  return at > record.from && ticks.next(at - 1) === at
}

/** Stores that date objects in whole seconds write two versions at the same date, as it seems. */
const settledAfter = 2000

/** What one scheduler has read, so that a schedule costs it no request until it changes. */
export class KnownSchedules {
  readonly #known = new Map<string, KnownSchedule & { readonly written: Standing['written'] }>()

  /** The schedule as it stands, or `undefined` when it was deleted meanwhile. */
  async read(w: Workspace, { name, written }: Standing, options: Cancellable): Promise<KnownSchedule | undefined> {
    const known = this.#known.get(name)
    if (known && isSame(known.written, written)) return known
    const reading = await readSchedule(w, name, options)
    this.#known.delete(name)
    if (!reading) return undefined
    const { record, at, answeredAt } = reading
    const schedule = { record, ticks: await ticksOf(record), written: { at, size: reading.size } }
    // One that was written just now may be written again without a sign of it.
    if (answeredAt - at > settledAfter) this.#known.set(name, schedule)
    return schedule
  }

  /** Forgets all others, which were deleted. */
  keep(names: ReadonlySet<string>): void {
    for (const name of this.#known.keys()) if (!names.has(name)) this.#known.delete(name)
  }
}

/** A schedule's record, and when it was written, by the store's clock. */
export async function readSchedule(
  w: Workspace,
  name: string,
  options: Cancellable,
): Promise<{ record: ScheduleRecord; at: number; size: number; answeredAt: number } | undefined> {
  const reading = await w.objects.get(scheduleKey(name), options)
  if (!reading) return undefined
  const record = parseSchedule(parseJson((await buffer(reading.body)).toString()))
  if (record?.name !== name)
    throw new RemoteJobError(
      'UNSUPPORTED',
      `The schedule "${name}" was written by a newer version of remotejob: update this one`,
    )
  const { size, lastModified, answeredAt } = reading
  return { record, size, at: lastModified.getTime(), answeredAt: answeredAt.getTime() }
}

function isSame(one: Standing['written'], other: Standing['written']): boolean {
  return one !== undefined && one.at === other?.at && one.size === other.size
}
