import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { Runs, type RunRequest, type RunState } from '../../../src/runs.ts'
import { grounds, useStage } from '../../queue/setup.ts'

/** Programs write down when they begin and end; how many ran at the same time comes from that. */
async function diary() {
  const folder = await mkdtemp(join(tmpdir(), 'remotejob-parallel-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'diary')
  const lines = async (): Promise<readonly string[]> => (await readFile(path, 'utf8')).trim().split('\n')
  return {
    /** A program that runs for so long. */
    program: (seconds: number): readonly string[] => [
      'sh',
      '-c',
      `echo + >> '${path}'; sleep ${seconds}; echo - >> '${path}'`,
    ],
    /** One that says what run it is of, and runs for so long. */
    saying: (seconds: number): readonly string[] => ['sh', '-c', `echo $CE_JOBRUN >> '${path}'; sleep ${seconds}`],
    lines,
    async mostAtOnce(): Promise<number> {
      let running = 0
      return Math.max(...(await lines()).map((line) => (running += line === '+' ? 1 : -1)))
    },
  }
}

async function ended(runs: Runs, name: string): Promise<RunState> {
  return vi.waitFor(
    async () => {
      const state = await runs.get(name)
      if (state?.status === 'completed' || state?.status === 'failed') return state
      throw new Error(`${name} is ${JSON.stringify(state)}`)
    },
    { timeout: 100_000, interval: 200 },
  )
}

describe.skipIf(process.platform === 'win32').each(grounds)('parallelism over $ground', ({ start }) => {
  const stage = useStage(start)
  const setup = async () => {
    const { queue, another, keys, send } = await stage.setup({ leaseSeconds: 3 })
    const runs = new Runs(queue)
    /** Takes instances until the test is over, and is not kept from ending by its long poll. */
    const work = (of: Runs = runs): void => {
      const worker = of.work()
      onTestFinished(async () => {
        const closed = worker.close()
        await send({})
        await closed
      })
    }
    return { runs, keys, work, other: () => new Runs(another()) }
  }

  test(
    'bounds the instances of all runs of a job, over all workers, and costs none a try',
    { timeout: 120_000 },
    async () => {
      const { runs, keys, work, other } = await setup()
      const { program, mostAtOnce, lines } = await diary()
      work()
      work(other())
      const request: RunRequest = { name: 'job', command: program(0.2), parallelism: 2, arrayIndexes: '0-7' }
      for (const runName of ['a', 'b']) await runs.submit({ ...request, runName })
      for (const runName of ['a', 'b']) {
        const { status, indexes } = await ended(runs, runName)
        expect([status, ...new Set(indexes.map(({ retries }) => retries))]).toEqual(['completed', 0])
      }
      expect(await lines()).toHaveLength(32)
      expect(await mostAtOnce()).toBe(2)
      // The last entry of each slot, and what it released.
      expect((await keys('slots/')).length).toBeLessThanOrEqual(4)
    },
  )

  test('is for each job its own', { timeout: 120_000 }, async () => {
    const { runs, work } = await setup()
    const { program, mostAtOnce } = await diary()
    work()
    const names = ['one', 'two', 'three']
    for (const name of names) await runs.submit({ name, runName: name, command: program(3), parallelism: 1 })
    for (const name of names) expect((await ended(runs, name)).status).toBe('completed')
    expect(await mostAtOnce()).toBeGreaterThan(1)
  })

  test(
    'leaves who waits pending, at rest, and wakes them in the order of their submission',
    { timeout: 120_000 },
    async () => {
      const { runs, keys, work } = await setup()
      const { saying, lines } = await diary()
      work()
      await runs.submit({ name: 'job', runName: 'first', command: saying(6), parallelism: 1 })
      await vi.waitFor(async () => expect((await runs.get('first'))?.running).toBe('0'), { timeout: 20_000 })
      for (const runName of ['second', 'third'])
        await runs.submit({ name: 'job', runName, command: saying(0), parallelism: 1 })
      await vi.waitFor(async () => expect(await keys('slots/job/waiting/')).toHaveLength(2), { timeout: 20_000 })
      expect(await runs.get('second')).toMatchObject({ status: 'pending', pending: '0' })
      for (const name of ['first', 'second', 'third']) await ended(runs, name)
      expect(await lines()).toEqual(['first', 'second', 'third'])
      expect(await keys('slots/job/waiting/')).toEqual([])
    },
  )
})
