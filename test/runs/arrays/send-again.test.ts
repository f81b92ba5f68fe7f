import { afterEach, describe, expect, test, vi } from 'vitest'
import { Runs } from '../../../src/runs.ts'
import { deleteRun } from '../../../src/runs/arrays/delete-run.ts'
import { sendFanOut, sendInstances } from '../../../src/runs/arrays/fan-out.ts'
import { fanOutJobId, instancePrefix } from '../../../src/runs/arrays/run-keys.ts'
import { readRun, type RunRecord } from '../../../src/runs/arrays/run-record.ts'
import type { Workspace } from '../../../src/lifecycle/workspace.ts'
import { source } from '../../../src/worker.ts'
import { DoomedBackend } from '../../lifecycle/crash-process.ts'
import { blows } from '../../lifecycle/crash-sweep.ts'
import { onLocal, useStage } from '../../queue/setup.ts'
import { ended, shell } from './setup.ts'

const stage = useStage(onLocal)

const pass = (seconds: number): void => void vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1000 })
afterEach(() => void vi.useRealTimers())

const runOf = async (w: Workspace): Promise<RunRecord> => {
  const run = await readRun(w, 'run')
  if (!run) throw new Error('There is no run')
  return run
}

/** A run as its requester left it who died before it sent the message. */
async function abandoned(more: Parameters<typeof shell>[1] = {}) {
  const { queue, another, backend, keys, raw, name } = await stage.setup({ leaseSeconds: 3 })
  const doomed = new DoomedBackend(backend, { ...blows.dies, strikes: (call) => call.startsWith('send') })
  void new Runs(another({ backend: doomed })).submit(shell('exit 0', more))
  await doomed.died
  const waiting = async (): Promise<readonly string[]> => {
    const found = await raw.queue(`${name}-pending`).receive({ max: 10, waitSeconds: 0, leaseSeconds: 0 })
    return found.map(({ body }) => String((JSON.parse(body) as { id: unknown }).id)).toSorted()
  }
  return { runs: new Runs(queue), w: await queue[source].open(), keys, waiting }
}

describe.skipIf(process.platform === 'win32').each(Object.values(blows))(
  'when a requester $title while it submits a run',
  { timeout: 120_000 },
  (blow) => {
    test('there is none, or one that runs to its end', async () => {
      const seen = { none: 0, run: 0 }
      for (let call = 1, isOver = false; !isOver; call += 1) {
        const { queue, another, backend, keys } = await stage.setup({ leaseSeconds: 3 })
        const doomed = new DoomedBackend(backend, { ...blow, strikes: (_, number) => number === call })
        const submitted = new Runs(another({ backend: doomed })).submit(shell('exit 0', { arrayIndexes: '0-2' }))
        await Promise.race([submitted.catch(() => {}), doomed.died])
        pass(301)
        const runs = new Runs(queue)
        await runs.expire()
        const run = await runs.get('run')
        if (run) {
          await using _worker = runs.work({ reap: false })
          expect(await ended(runs), `struck at ${doomed.calls.join(', ')}`).toMatchObject({ succeeded: '0-2' })
          expect((await keys('results/run.run.')).length).toBe(3)
        }
        seen[run ? 'run' : 'none'] += 1
        // When to look at the run again; nothing of one that is not there.
        expect((await keys('runs/.due/')).length).toBe(run ? 1 : 0)
        vi.useRealTimers()
        isOver = !doomed.isStruck
      }
      expect(seen.run).toBeGreaterThan(1)
    })
  },
)

test('a run whose message was never sent is sent by others after five minutes, not before', async () => {
  const { runs, w, waiting } = await abandoned()
  expect(await runs.expire()).toEqual([])
  expect(await waiting()).toEqual([])
  pass(299)
  await runs.expire()
  expect(await waiting()).toEqual([])
  pass(2)
  await runs.expire()
  expect(await waiting()).toEqual([fanOutJobId(await runOf(w))])
})

test('it is sent anew more and more seldom while nobody takes it, and never once somebody has', async () => {
  const { runs, w, waiting } = await abandoned()
  const run = await runOf(w)
  const sent: number[] = []
  for (let minute = 1; minute <= 58; minute += 1) {
    pass(60)
    await runs.expire()
    if ([4, 9, 20, 40, 58].includes(minute)) sent.push((await waiting()).length)
  }
  // Each look comes when the run is twice as old, and up to a minute later.
  expect(sent).toEqual([0, 1, 2, 3, 4])
  await sendInstances(w, run, {})
  for (let hour = 0; hour < 12; hour += 1) {
    pass(3600)
    await runs.expire()
  }
  const ids = await waiting()
  expect([ids.length, ids.filter((id) => id === fanOutJobId(run)).length]).toEqual([5, 4])
})

test('one that waits for what it depends on is not sent until that is there', async () => {
  const { runs, w, waiting } = await abandoned({ dependsOn: ['http://127.0.0.1:9/'] })
  const run = await runOf(w)
  for (let look = 0; look < 3; look += 1) {
    pass(301)
    await runs.expire()
  }
  expect(await waiting()).toEqual([])
  // A day is all that it waits for: then its message is what tells why it failed.
  pass(86_400)
  await runs.expire()
  expect(await waiting()).toEqual([fanOutJobId(run)])
})

test.skipIf(process.platform === 'win32')(
  'instances that were sent twice, by two who sent them at once, are one job each',
  { timeout: 60_000 },
  async () => {
    const { runs, w, keys, waiting } = await abandoned({ arrayIndexes: '0-4' })
    const run = await runOf(w)
    for (const _ of [1, 2, 3]) await sendFanOut(w, run)
    await Promise.all([sendInstances(w, run, {}), sendInstances(w, run, {})])
    const ids = await waiting()
    expect(ids.length).toBeGreaterThan(new Set(ids).size)
    {
      await using _worker = runs.work({ reap: false })
      expect(await ended(runs)).toMatchObject({ status: 'completed', succeeded: '0-4' })
      await vi.waitFor(async () => expect(await waiting()).toEqual([]), { timeout: 20_000 })
    }
    expect(await keys(`results/${instancePrefix(run)}`)).toHaveLength(5)
    expect(await keys(`results/${fanOutJobId(run)}`)).toHaveLength(1)
  },
)

test('a run that is deleted while its instances are sent leaves nothing, whoever of the two is quicker', async () => {
  for (let call = 1, isOver = false; !isOver; call += 1) {
    const { queue, keys } = await stage.setup()
    const runs = new Runs(queue)
    const w = await queue[source].open()
    await runs.submit(shell('exit 0', { arrayIndexes: '0-149' }))
    const run = await runOf(w)
    let deleted: Promise<void> | undefined
    let calls = 0
    const slow: Workspace = {
      ...w,
      objects: new Proxy(w.objects, {
        get: (store, member) => {
          const real: unknown = Reflect.get(store, member)
          if (typeof real !== 'function') return real
          return async (...given: unknown[]): Promise<unknown> => {
            calls += 1
            if (calls === call) await (deleted = deleteRun(w, run))
            return real.apply(store, given) as Promise<unknown>
          }
        },
      }),
    }
    await sendInstances(slow, run, {})
    isOver = deleted === undefined
    if (isOver) await deleteRun(w, run)
    expect(await keys('runs/run'), `deleted before call ${call}`).toEqual([])
  }
})
