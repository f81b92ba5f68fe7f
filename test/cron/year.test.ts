import { afterEach, expect, test, vi } from 'vitest'
import { Schedules } from '../../src/cron.ts'
import { tickId } from '../../src/protocol/schedule-keys.ts'
import { Random } from '../chaos/random.ts'
import { instantsOf, type Wanted } from './wall-clock.ts'
import { Year } from './year-of-one-queue.ts'

afterEach(() => {
  vi.useRealTimers()
})

/** A leap year, in which clocks change twice, by an hour or by half of one. */
const [begin, end] = [Date.parse('2028-01-01T00:00:00Z'), Date.parse('2029-01-01T00:00:00Z')]

interface Planned extends Wanted {
  readonly cron: string
  readonly missed: 'skip' | 'once' | 'all'
}

const daily = { day: () => true, isFixed: true }

const plan: Readonly<Record<string, Planned>> = {
  skipped: { cron: '30 2 * * *', timeZone: 'Europe/Zurich', missed: 'skip', minutes: [30], hours: [2], ...daily },
  twice: { cron: '15 1 * * *', timeZone: 'America/New_York', missed: 'once', minutes: [15], hours: [1], ...daily },
  nights: {
    cron: '*/30 1-3 * * *',
    timeZone: 'Europe/Zurich',
    missed: 'once',
    minutes: [0, 30],
    hours: [1, 2, 3],
    ...daily,
    isFixed: false,
  },
  halves: {
    cron: '7,37 1-3 * * *',
    timeZone: 'Australia/Lord_Howe',
    missed: 'all',
    minutes: [7, 37],
    hours: [1, 2, 3],
    ...daily,
    isFixed: false,
  },
  workdays: {
    cron: '0 9 * * MON-FRI',
    timeZone: 'America/New_York',
    missed: 'skip',
    minutes: [0],
    hours: [9],
    day: ({ weekday }) => weekday >= 1 && weekday <= 5,
    isFixed: true,
  },
  either: {
    cron: '0 0 1,15 * 5',
    timeZone: 'UTC',
    missed: 'skip',
    minutes: [0],
    hours: [0],
    isFixed: true,
    day: ({ day, weekday }) => day === 1 || day === 15 || weekday === 5,
  },
  leap: {
    cron: '0 0 29 2 *',
    timeZone: 'Asia/Kathmandu',
    missed: 'skip',
    minutes: [0],
    hours: [0],
    isFixed: true,
    day: ({ day, month }) => day === 29 && month === 2,
  },
}

const second = 1000

test('every tick of a year is one job, whatever clocks show and whoever dies', { timeout: 120_000 }, async () => {
  const ticks = Object.entries(plan)
    .flatMap(([schedule, wanted]) => instantsOf(wanted, begin, end).map((at) => ({ schedule, at })))
    .toSorted((one, other) => one.at - other.at)
  const random = new Random(Number(process.env['SEED'] ?? 1))
  const year = new Year(begin, random)
  const schedules = new Schedules(year.queue)
  for (const [name, { cron, timeZone, missed }] of Object.entries(plan))
    await schedules.create({ name, cron, timeZone, missed })
  for (const at of new Set(ticks.map((tick) => tick.at))) {
    if (random.next() < 0.1) year.moveStoreClock()
    for (const time of [random.between(-115, 60), random.between(60, 180)]) {
      year.now = Math.max(year.now, at + time * second)
      await year.look()
    }
    year.now = Math.max(year.now, at + 240 * second)
    await year.lookFairly()
    year.now += 120 * second
    await year.work()
  }
  expect([...year.runs.keys()].toSorted()).toEqual(
    ticks.map(({ schedule, at }) => tickId({ schedule, at: new Date(at) })).toSorted(),
  )
  expect([...year.runs].filter(([, runs]) => runs !== 1)).toEqual([])
  expect(year.early).toEqual([])
  expect(year.struck).toBeGreaterThan(1000)
  expect(ticks.length).toBeGreaterThan(5000)
})
