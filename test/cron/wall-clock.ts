/**
 * What a schedule means, found minute by minute and without the parser that the library uses: the times of a year at which a time
 * zone's clock shows what is wanted.
 */
export interface Wanted {
  readonly timeZone: string
  readonly minutes: readonly number[]
  readonly hours: readonly number[]
  /** Whether it is a single time of day: skipped by the clock it comes right after, and shown twice it counts once. */
  readonly isFixed: boolean
  day(day: WallDay): boolean
}

/** A day as the time zone's calendar has it. */
export interface WallDay {
  readonly day: number
  readonly month: number
  /** 0 for Sunday. */
  readonly weekday: number
}

const minute = 60_000
const step = 15 * minute

/** The instants that are wanted, in milliseconds since 1970: after `from`, and before `to`. */
export function instantsOf(wanted: Wanted, from: number, to: number): readonly number[] {
  const offsetAt = offsetsOf(wanted.timeZone)
  const found: number[] = []
  /** The latest that the clock showed, as if it was UTC. */
  let last = from + offsetAt(from)
  for (let at = from + minute; at < to; at += minute) {
    const shown = at + offsetAt(at)
    for (let wall = wanted.isFixed ? last + minute : shown; wall <= shown; wall += minute)
      if (isWanted(wanted, new Date(wall))) found.push(at)
    last = Math.max(last, shown)
  }
  return found
}

function isWanted(wanted: Wanted, wall: Date): boolean {
  return (
    wanted.minutes.includes(wall.getUTCMinutes()) &&
    wanted.hours.includes(wall.getUTCHours()) &&
    wanted.day({ day: wall.getUTCDate(), month: wall.getUTCMonth() + 1, weekday: wall.getUTCDay() })
  )
}

/** How far a time zone's clock is ahead of UTC. Clocks change at whole quarters of an hour. */
function offsetsOf(timeZone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'medium',
  })
  const known = new Map<number, number>()
  return (at) => {
    const quarter = Math.floor(at / step) * step
    const before = known.get(quarter)
    if (before !== undefined) return before
    const [, day, month, year, hour, minutes] =
      /^(\d+)\/(\d+)\/(\d+), (\d+):(\d+):\d+$/.exec(format.format(quarter))?.map(Number) ?? []
    const wall = Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour, minutes)
    known.set(quarter, wall - quarter)
    return wall - quarter
  }
}
