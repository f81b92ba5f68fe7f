import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Schedules } from '../../src/cron.ts'
import { RemoteJobError } from '../../src/index.ts'
import type { Fate } from '../lifecycle/crash-process.ts'
import { blows } from '../lifecycle/crash-sweep.ts'
import { at, setup } from './setup.ts'

afterEach(() => {
  vi.useRealTimers()
})

const quarters = { name: 'x', cron: '*/15 * * * *', missed: 'all', job: { long: 'm'.repeat(5000), body: 'b' } } as const

/** Does something at each of its calls in turn, struck there, until it ends unstruck. */
async function sweep(
  blow: Omit<Fate, 'strikes'>,
  play: (fate: Fate) => Promise<{ readonly isStruck: boolean }>,
): Promise<number> {
  for (let call = 1; ; call += 1) {
    const { isStruck } = await play({ ...blow, strikes: (_name, number) => number === call })
    if (!isStruck) return call - 1
  }
}

const minute = (time: string): string => `cron.x.20270101T${time}Z`

describe.each(Object.values(blows))('a scheduler that $title', (blow) => {
  test('leaves each tick to be one job, whatever it has done of it', async () => {
    const struck = await sweep(blow, async (fate) => {
      const { schedules, another, scheduler, arrived, keys } = setup('2027-01-01T08:01:00Z')
      await schedules.create(quarters)
      at('2027-01-01T08:44:30Z')
      const doomed = another(fate)
      await doomed.queue.ready()
      await Promise.race([doomed.scheduler.look().catch(expectUnavailable), doomed.backend.died])
      at('2027-01-01T08:46:00Z')
      await scheduler.look()
      at('2027-01-01T08:50:00Z')
      expect((await arrived()).map(({ id }) => id).toSorted()).toEqual(['0815', '0830', '0845'].map(minute))
      expect(await scheduler.look()).toEqual([])
      expect(await keys()).toHaveLength(2)
      return doomed.backend
    })
    expect(struck).toBeGreaterThan(15)
  })
})

/** What people do who learn that a call failed, or hear nothing of it: they ask again. */
const askedAgain: readonly {
  readonly what: string
  readonly before?: (schedules: Schedules) => Promise<unknown>
  readonly ask: (schedules: Schedules) => Promise<unknown>
  readonly expected: readonly string[]
}[] = [
  { what: 'is created', ask: (schedules) => schedules.create(quarters), expected: ['0845', '0900'] },
  {
    what: 'is given other times',
    before: (schedules) => schedules.create(quarters),
    ask: (schedules) => schedules.update('x', { cron: '50 * * * *' }),
    expected: ['0850'],
  },
  {
    what: 'is paused',
    before: (schedules) => schedules.create(quarters),
    ask: (schedules) => schedules.pause('x'),
    expected: [],
  },
  {
    what: 'is resumed',
    before: async (schedules) => {
      await schedules.create(quarters)
      await schedules.pause('x')
    },
    ask: (schedules) => schedules.resume('x'),
    expected: ['0845', '0900'],
  },
  {
    what: 'is deleted',
    before: (schedules) => schedules.create(quarters),
    ask: (schedules) => schedules.delete('x'),
    expected: [],
  },
]

describe.each(askedAgain)('a schedule that $what', ({ before, ask, expected }) => {
  test.each(Object.values(blows))('by a process that $title, and then once more, does as it was told', async (blow) => {
    await sweep(blow, async (fate) => {
      const { schedules, another, scheduler, arrived } = setup('2027-01-01T08:01:00Z')
      await before?.(schedules)
      at('2027-01-01T08:28:30Z')
      await scheduler.look()
      at('2027-01-01T08:31:00Z')
      await scheduler.look()
      await arrived()
      at('2027-01-01T08:43:30Z')
      await scheduler.look()
      const doomed = another(fate)
      await doomed.queue.ready()
      await Promise.race([ask(doomed.schedules).catch(expectUnavailable), doomed.backend.died])
      if (doomed.backend.isStruck) await ask(schedules).catch(expectTaken)
      for (const time of ['08:44', '08:49', '08:58', '08:59:50']) {
        at(`2027-01-01T${time.padEnd(8, ':00')}Z`)
        await scheduler.look()
      }
      at('2027-01-01T09:00:30Z')
      const ids = (await arrived()).map(({ id }) => id)
      expect(ids.toSorted()).toEqual(expected.map(minute))
      return doomed.backend
    })
  })
})

function expectUnavailable(error: unknown): void {
  expect(error).toMatchObject({ code: 'UNAVAILABLE' })
}

/** The first try landed. */
function expectTaken(error: unknown): void {
  expect(error).toBeInstanceOf(RemoteJobError)
  expect(error).toMatchObject({ code: 'ID_IN_USE' })
}
