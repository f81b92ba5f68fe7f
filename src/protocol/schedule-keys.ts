export const schedulesPrefix = 'cron/'

const namePattern = /^[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?$/

/** Whether a schedule can have that name: it becomes part of keys and of ids. */
export function isScheduleName(name: unknown): name is string {
  return typeof name === 'string' && namePattern.test(name)
}

export const scheduleFolder = (name: string): string => `${schedulesPrefix}${name}/`
export const scheduleKey = (name: string): string => `${scheduleFolder(name)}schedule.json`
/** Is there while the schedule rests. */
export const pausedKey = (name: string): string => `${scheduleFolder(name)}paused`

/** An empty object whose name says how far a schedule came; the highest counts, so that nobody who is late can set it back. */
export interface Cursor {
  readonly uid: string
  /** Milliseconds since 1970: ticks until then are sent, or will not be. */
  readonly after: number
}

/** Fifteen digits make the order of names the order of times. */
export function cursorKey(name: string, { uid, after }: Cursor): string {
  return `${scheduleFolder(name)}${uid}.${String(Math.max(0, after)).padStart(15, '0')}`
}

/** What one object below {@link schedulesPrefix} is, and of which schedule. */
export interface ScheduleObject {
  readonly name: string
  readonly what: 'schedule' | 'paused' | Cursor
}

/** What a key stands for, or `undefined` when somebody else put the object there. */
export function parseScheduleKey(key: string): ScheduleObject | undefined {
  const [, name, rest = ''] = /^cron\/([^/]+)\/(.+)$/.exec(key) ?? []
  if (!isScheduleName(name)) return undefined
  if (rest === 'schedule.json') return { name, what: 'schedule' }
  if (rest === 'paused') return { name, what: 'paused' }
  const [, uid, after] = /^([0-9a-f]{16})\.(\d{15})$/.exec(rest) ?? []
  return uid === undefined ? undefined : { name, what: { uid, after: Number(after) } }
}

/** One time of a schedule. */
export interface Tick {
  readonly schedule: string
  readonly at: Date
}

/** The id of the job of one tick: so whoever sends it, and however often, it is one job. */
export function tickId({ schedule, at }: Tick): string {
  return `cron.${schedule}.${at.toISOString().replaceAll(/[-:]|:?\d\d\.\d{3}/g, '')}`
}

/**
 * The tick that made a job, from the job's id; `undefined` for jobs that no schedule made.
 * @example tickOf('cron.nightly.20270131T0800Z') // { schedule: 'nightly', at: 2027-01-31T08:00:00.000Z }
 */
export function tickOf(jobId: string): Tick | undefined {
  const match = /^cron\.([^.]+)\.(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)Z$/.exec(jobId)
  const schedule = match?.[1]
  if (!match || !isScheduleName(schedule)) return undefined
  const [year, month, day, hour, minute] = match.slice(2)
  const at = new Date(`${year}-${month}-${day}T${hour}:${minute}:00Z`)
  return Number.isNaN(at.getTime()) ? undefined : { schedule, at }
}
