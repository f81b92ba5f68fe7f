import { isId } from './id.ts'

/** A job that waits for its time: an empty object whose name says which job, and when. */
export interface Timer {
  readonly key: string
  readonly id: string
  /** Whole minutes since 1970. */
  readonly minute: number
}

export const timersPrefix = 'timers/'

/** Eight digits last until the year 2160, and make the order of names the order of times. */
const digits = 8

/** The minute of an instant, in whole minutes since 1970. */
export const minuteOf = (time: number): number => Math.floor(time / 60_000)

/** Where a job's timer is. */
export function timerKey(notBefore: number, id: string): string {
  return `${timersPrefix}${String(minuteOf(notBefore)).padStart(digits, '0')}/${id}`
}

/** The timer that a key stands for, or `undefined` when somebody else put the object there. */
export function parseTimerKey(key: string): Timer | undefined {
  const [, minute, id] = /^timers\/(\d{8})\/(.+)$/.exec(key) ?? []
  return minute !== undefined && isId(id) ? { key, id, minute: Number(minute) } : undefined
}
