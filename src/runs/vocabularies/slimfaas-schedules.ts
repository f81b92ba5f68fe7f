import { createHash } from 'node:crypto'
import { hasCode } from '../../errors.ts'
import { canonicalJson, jsonFrom, type JsonObject } from '../../protocol/json.ts'
import type { Runs } from '../runs.ts'
import type { AtEachTick } from '../ticks/at-each-tick.ts'
import type { SlimFaasSchedule } from './slimfaas.ts'

/** Where schedules are kept; `Schedules` of `remotejob/cron` are such. */
export interface ScheduleShelf {
  list(): AsyncIterable<{ readonly name: string; readonly metadata: JsonObject }>
  create(schedule: { readonly name: string; readonly cron: string } & AtEachTick): Promise<unknown>
  delete(name: string): Promise<boolean>
}

/** Schedules to be, and the jobs that have no others of SlimFaas's. */
export interface WantedSchedules {
  readonly schedules: readonly SlimFaasSchedule[]
  readonly scheduled: readonly string[]
}

/** A schedule, and what becomes of it. */
export interface ScheduleChange {
  readonly name: string
  readonly change: 'created' | 'unchanged' | 'deleted'
  readonly wanted?: SlimFaasSchedule | undefined
}

/** What has to be done so that the jobs that are described have the described schedules, and no others of SlimFaas's. */
export async function planSchedules(
  shelf: ScheduleShelf,
  { schedules: wanted, scheduled }: WantedSchedules,
): Promise<readonly ScheduleChange[]> {
  const all = await Array.fromAsync(shelf.list())
  const present = all.filter(({ metadata }) => scheduled.some((job) => metadata[mark] === job)).map(({ name }) => name)
  // The same twice is one: its runs would be the same at the same instants.
  const named = new Map(wanted.map((one) => [nameOf(one), one]))
  return [
    ...[...named].map(([name, one]): ScheduleChange => {
      return { name, change: present.includes(name) ? 'unchanged' : 'created', wanted: one }
    }),
    ...present.filter((name) => !named.has(name)).map((name): ScheduleChange => ({ name, change: 'deleted' })),
  ]
}

/** Does what was planned; somebody else may be doing the same. */
export async function storeSchedule(
  { runs, schedules }: { readonly runs: Runs; readonly schedules: ScheduleShelf },
  { name, change, wanted }: ScheduleChange,
): Promise<void> {
  if (change === 'deleted') await schedules.delete(name)
  if (change !== 'created' || !wanted) return
  const { jobName, schedule, overrides } = wanted
  const { job, options } = await runs.atEachTick({ ...overrides, job: jobName }, {}, { force: true })
  try {
    await schedules.create({ name, cron: schedule, job: { ...job, [mark]: jobName }, options })
  } catch (error) {
    if (!hasCode(error, 'ID_IN_USE')) throw error
  }
}

/** A member of the metadata that tells these from schedules that were made by hand. */
const mark = 'slimfaas'

/** Which says what it is: a schedule that changes is another one. */
function nameOf({ jobName, schedule, overrides }: SlimFaasSchedule): string {
  const hash = createHash('sha256').update(canonicalJson(jsonFrom({ jobName, schedule, overrides }, 'schedule')))
  return `${jobName.slice(0, 54)}-${hash.digest('hex').slice(0, 8)}`
}
