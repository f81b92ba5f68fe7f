import fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'
import { jobOfRunName, newRunName } from '../../../src/gateway/slimfaas/job-names.ts'
import { runId, runOfId } from '../../../src/gateway/slimfaas/run-ids.ts'
import { parseScheduleName, scheduleName } from '../../../src/gateway/slimfaas/schedule-names.ts'
import { netTicks } from '../../../src/gateway/slimfaas/ticks.ts'
import { fibonacci, setup } from './setup.ts'

afterEach(() => {
  vi.useRealTimers()
})

const job = fc.stringMatching(/^[a-z0-9][a-z0-9_-]{2,29}$/)
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

test('a run is found by its id, of its own job alone, and an id that was changed finds none', () => {
  fc.assert(
    fc.property(job, job, fc.nat(35), fc.stringMatching(/^[0-9a-f]$/), (one, other, at, digit) => {
      const run = newRunName(one)
      expect(jobOfRunName(run)).toBe(one)
      expect(run.length).toBeLessThanOrEqual(53)
      const id = runId(run)
      expect(id).toMatch(uuid)
      expect(runOfId(one, id)).toBe(run)
      expect(runOfId(other, id)).toBe(one === other ? run : undefined)
      const changed = id.slice(0, at) + digit + id.slice(at + 1)
      if (changed !== id) expect(runOfId(one, changed)).toBeUndefined()
    }),
  )
})

test('no id makes a name that is not the job’s', () => {
  fc.assert(
    fc.property(job, fc.oneof(fc.string(), fc.uuid()), (name, id) => {
      expect(runOfId(name, id)).toBeUndefined()
    }),
  )
})

test('names of other kinds have ids too, each its own', () => {
  const names = ['fibonacci-jobrun-1a2b3', 'fibonacci-0123abcd-20270131t0130z', 'x', 'fibonacci-slimfaas-job-ABCDEFGH']
  for (const name of names) expect(runId(name)).toMatch(uuid)
  expect(new Set(names.map(runId)).size).toBe(names.length)
})

test('newer names come first, and no two are the same, however many are made at once', () => {
  const names = Array.from({ length: 5000 }, () => newRunName('fibonacci'))
  expect(names.toSorted().toReversed()).toEqual(names)
  expect(new Set(names).size).toBe(names.length)
})

test('a schedule is found by its id', () => {
  fc.assert(
    fc.property(job, fc.uuid(), (name, id) => {
      expect(parseScheduleName(scheduleName(name, id))).toEqual({ job: name, id, isConfigured: false })
      expect(scheduleName(name, id).length).toBeLessThanOrEqual(63)
    }),
  )
})

test('ticks are exact for every millisecond', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date('2200-01-01'), noInvalidDate: true }), (at) => {
      const exact = BigInt(at.getTime()) * 10_000n + 621_355_968_000_000_000n
      expect(JSON.stringify(netTicks(at))).toBe(String(exact))
    }),
  )
})

test('where another gateway made runs in the same milliseconds, the next free name is taken', async () => {
  const { runs, submit, list } = await setup()
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 })
  const part = 36 ** 8 - 1 - (Date.now() % 36 ** 8)
  for (let at = 0; at < 5; at += 1)
    await runs.submit({
      name: 'other',
      command: ['true'],
      runName: `fibonacci-slimfaas-job-${(part - at).toString(36)}`,
    })
  const id = await submit('fibonacci')
  vi.useRealTimers()
  expect(runOfId('fibonacci', id)).toBe(`fibonacci-slimfaas-job-${(part - 5).toString(36)}`)
  expect(await list('fibonacci')).toHaveLength(6)
})

test(
  'the newest thousand of a job are listed, with their places behind the others, and the answer says how many are not',
  { timeout: 180_000 },
  async () => {
    const { gateway, call, runs } = await setup({ fibonacci, 'fibonacci-2': fibonacci })
    await gateway.ready()
    const names = Array.from({ length: 1005 }, () => newRunName('fibonacci'))
    for (const runName of names) await runs.submit({ job: 'fibonacci', runName })
    await runs.submit({ job: 'fibonacci-2', runName: newRunName('fibonacci-2') })
    const answer = await call('GET', '/job/fibonacci')
    const listed = (await answer.json()) as readonly { readonly Name: string; readonly PositionInQueue: number }[]
    expect(listed.map(({ Name }) => Name)).toEqual(names.slice(5))
    expect(listed.map(({ PositionInQueue }) => PositionInQueue)).toEqual(names.slice(5).map((_, at) => at + 6))
    expect(answer.headers.get('Warning')).toBe('299 - "The newest 1000 are listed, 5 older ones are not"')
  },
)
