import fc from 'fast-check'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Backend } from '../../../src/backend.ts'
import { Queue } from '../../../src/index.ts'
import { localBackend } from '../../../src/local.ts'
import {
  instanceJobId,
  parseFanOutJobId,
  parseInstanceJobId,
  parseStateKey,
  stateKey,
} from '../../../src/runs/arrays/run-keys.ts'
import { source } from '../../../src/worker.ts'
import { type InlineRun, Runs, type RunState, type RunsWorkerOptions } from '../../../src/runs.ts'
import { grounds, useStage } from '../../queue/setup.ts'

/** Counts what a backend is asked for. */
function counting(backend: Backend, count: { requests: number }): Backend {
  const counted = <Target extends object>(target: Target): Target =>
    new Proxy(target, {
      get(from, name) {
        const member: unknown = Reflect.get(from, name, from)
        if (typeof member !== 'function') return member
        return (...given: unknown[]) => {
          count.requests += 1
          return member.apply(from, given)
        }
      },
    })
  return {
    ...backend,
    open(place) {
      const opened = backend.open(place)
      const objects = counted(opened.objects)
      return {
        ...opened,
        ready: () => opened.ready(),
        close: () => opened.close(),
        objects,
        queue: (name) => opened.queue(name),
      }
    },
  }
}

async function setup() {
  const directory = await mkdtemp(join(tmpdir(), 'remotejob-runs-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  const count = { requests: 0 }
  const queue = new Queue('jobs', {
    backend: counting(localBackend({ directory, fsync: false }), count),
    leaseSeconds: 3,
  })
  onTestFinished(() => queue.close())
  return { queue, runs: new Runs(queue), count }
}

/** A run to its end, looking at it all the while. */
async function ended(runs: Runs, name: string): Promise<RunState> {
  for (;;) {
    const state = await runs.get(name)
    if (!state) throw new Error(`no run ${name}`)
    const { pending, running, succeeded, failed, indexes } = state
    const counted = [pending, running, succeeded, failed]
      .join(',')
      .split(',')
      .filter((part) => part !== '')
    expect(counted.length).toBeGreaterThan(0)
    expect(indexes.every(({ retries }) => retries <= 3)).toBe(true)
    if (state.status === 'completed' || state.status === 'failed') return state
    await wait(100)
  }
}

const shell = (script: string, more: Partial<InlineRun> = {}): InlineRun => ({
  name: 'job',
  command: ['sh', '-c', script],
  runName: 'run',
  ...more,
})

describe.skipIf(process.platform === 'win32').each(grounds)('a run over $ground', { timeout: 180_000 }, ({ start }) => {
  const stage = useStage(start)
  const setup = async () => {
    // Longer than the servers of a busy machine stand still: a lease that is over costs a try.
    const { queue, send } = await stage.setup({ leaseSeconds: 15 })
    const runs = new Runs(queue)
    /** Takes instances until it is disposed of, and is not kept from ending by its long poll. */
    const work = (options?: RunsWorkerOptions): AsyncDisposable => {
      const worker = runs.work(options)
      return {
        async [Symbol.asyncDispose]() {
          const closed = worker.close()
          await send({})
          await closed
        },
      }
    }
    return { queue, runs, work }
  }

  test('runs its program once for each index, and tells it which', async () => {
    const { queue, runs, work } = await setup()
    await using _worker = work()
    const script =
      'echo "$JOB_INDEX of $JOB_ARRAY_SIZE, $JOB_INDEX_RETRY_COUNT/$JOB_RETRY_LIMIT $JOB_MODE $CE_JOB $CE_JOBRUN $HOSTNAME $A"'
    const environment = [{ kind: 'literal', name: 'A', value: 'b c' }] as const
    await runs.submit(shell(script, { arrayIndexes: '3,7-8', environment }))
    expect(await ended(runs, 'run')).toMatchObject({
      status: 'completed',
      succeeded: '3,7-8',
      failed: '',
      jobName: 'job',
    })
    const said: string[] = []
    for await (const { key } of queueResults(queue)) said.push(key)
    expect(said.toSorted()).toEqual(
      ['3', '7', '8'].map((index) => `${index} of 3, 0/3 task job run run-${index}-0 b c\n`),
    )
  })

  test('tries a failed index again, alone, as often as its limit says, and knows the reason', async () => {
    const { runs, work } = await setup()
    await using _worker = work()
    const script = 'case $JOB_INDEX in 1) exit 4;; 2) [ $JOB_INDEX_RETRY_COUNT = 1 ] || exit 78;; esac'
    await runs.submit(shell(script, { arrayIndexes: '0-2', retryLimit: 1 }))
    const state = await ended(runs, 'run')
    expect(state).toMatchObject({ status: 'failed', succeeded: '0,2', failed: '1' })
    const times = { startedAt: expect.any(Date), finishedAt: expect.any(Date) }
    expect(state.indexes).toEqual([
      { index: 0, status: 'succeeded', retries: 0, lastFailureReason: undefined, ...times },
      { index: 1, status: 'failed', retries: 1, lastFailureReason: 'ContainerExitedCode4', ...times },
      { index: 2, status: 'succeeded', retries: 1, lastFailureReason: 'ContainerExitedCode78', ...times },
    ])
  })

  test('says that its program is not there', async () => {
    const { runs, work } = await setup()
    await using _worker = work()
    await runs.submit({ name: 'job', runName: 'run', command: ['no-such-program'], retryLimit: 0 })
    expect((await ended(runs, 'run')).indexes[0]?.lastFailureReason).toBe('ExecutableNotFound')
  })

  test('is over at its maximum execution time, whether an index runs or was never begun', async () => {
    const { runs, work } = await setup()
    await using _worker = work({ concurrency: 2 })
    await runs.submit(shell('exec sleep 60', { arrayIndexes: '0-3', maxExecutionSeconds: 2 }))
    const state = await ended(runs, 'run')
    expect(state).toMatchObject({ status: 'failed', failed: '0-3' })
    expect(new Set(state.indexes.map((one) => one.lastFailureReason))).toEqual(new Set(['MaxExecutionTimeExceeded']))
  })

  test('of a daemon begins again after a failure, and ends with exit code 0', async () => {
    const { runs, work } = await setup()
    await using _worker = work()
    await runs.submit(shell('[ $JOB_INDEX_RETRY_COUNT = 2 ]', { mode: 'daemon' }))
    expect((await ended(runs, 'run')).indexes[0]).toMatchObject({ status: 'succeeded', retries: 2 })
  })

  test('that is deleted stops its programs, and its name is free for one that knows nothing of it', async () => {
    const { runs, work } = await setup()
    await using _worker = work()
    await runs.submit(shell('exec sleep 60', { mode: 'daemon' }))
    while ((await runs.get('run'))?.running !== '0') await wait(50)
    expect(await runs.delete('run')).toBe(true)
    expect(await runs.get('run')).toBeUndefined()
    expect(await runs.delete('run')).toBe(false)
    await runs.submit(shell('exit 0'))
    expect(await ended(runs, 'run')).toMatchObject({ status: 'completed' })
  })

  test('whose worker died between its fate and the note of it has its fate', async () => {
    const { queue, runs, work } = await setup()
    {
      await using _worker = work()
      await runs.submit(shell('exit 0', { arrayIndexes: '0-1' }))
      await ended(runs, 'run')
    }
    const { objects } = await queue[source].open()
    const { objects: states } = await objects.list('runs/run/')
    for (const { key } of states) if (key.endsWith('0/1-succeeded')) await objects.delete(key)
    expect((await objects.list('runs/run/')).objects).toHaveLength(states.length - 1)
    expect(await runs.get('run')).toMatchObject({ status: 'completed', succeeded: '0-1' })
    const events = await runs.events('run')
    expect(
      events
        .filter(({ kind }) => kind === 'succeeded')
        .map(({ index }) => index)
        .toSorted(),
    ).toEqual([0, 1])
    expect(events.at(-1)).toMatchObject({ kind: 'finished', at: (await runs.get('run'))?.finishedAt })
  })
})

test('a name is taken once', async () => {
  const { runs } = await setup()
  await runs.submit(shell('exit 0'))
  await expect(runs.submit(shell('exit 1'))).rejects.toMatchObject({ code: 'ID_IN_USE' })
  expect(await runs.submit({ ...shell('exit 0'), runName: undefined })).toMatch(/^job-jobrun-[0-9a-f]{5}$/)
})

test.each([[null], ['job'], [[]], [7]])(
  'what is no object, such as %j, is no run, no change of one, and nothing to run at each tick',
  async (wrong) => {
    const { runs } = await setup()
    await runs.submit(shell('exit 0'))
    // What a caller in JavaScript may give.
    const given: never = JSON.parse(JSON.stringify(wrong)) as never
    const refused = { code: 'INVALID_ARGUMENT', message: expect.stringContaining('to be an object') }
    await expect(runs.submit(given)).rejects.toMatchObject(refused)
    await expect(runs.resubmit('run', given)).rejects.toMatchObject(refused)
    await expect(runs.atEachTick(given)).rejects.toMatchObject(refused)
    await expect(runs.jobs.create(given)).rejects.toMatchObject(refused)
    await runs.jobs.create({ name: 'job', command: ['true'] })
    await expect(runs.jobs.update('job', given)).rejects.toMatchObject(refused)
    const slip = { ...shell('exit 0'), paralellism: 1, runName: 'other' }
    await expect(runs.submit(slip)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('"paralellism"'),
    })
    expect((await runs.list()).map(({ name }) => name)).toEqual(['run'])
  },
)

test('a thousand instances are two objects to submit, and four requests to look at', { timeout: 60_000 }, async () => {
  const { queue, runs, count } = await setup()
  await queue.ready()
  count.requests = 0
  await runs.submit(shell('exit 0', { arrayIndexes: '0-999' }))
  expect(count.requests).toBe(2)
  const { objects } = await queue[source].open()
  const run = JSON.parse(await text((await objects.get('runs/run.json'))?.body ?? Readable.from([]))) as {
    name: string
    uid: string
  }
  for (let index = 0; index < 1000; index += 1) {
    await objects.put(`results/${instanceJobId({ ...run, index })}.json`, Buffer.from('{}'))
    for (const state of ['started', 'succeeded'] as const)
      await objects.put(stateKey(run, { index, attempt: 1, state }), Buffer.alloc(0))
  }
  count.requests = 0
  expect(await runs.get('run')).toMatchObject({ status: 'completed', succeeded: '0-999' })
  expect(count.requests).toBe(4)
})

test('whatever is written into ids and keys is read from them', () => {
  const run = fc.record({
    name: fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,52}$/),
    uid: fc.stringMatching(/^[0-9a-f]{16}$/),
  })
  fc.assert(
    fc.property(run, fc.nat(9_999_999), fc.integer({ min: 1, max: 1e9 - 1 }), (id, index, attempt) => {
      expect(parseInstanceJobId(instanceJobId({ ...id, index }))).toEqual({ ...id, index })
      expect(parseFanOutJobId(instanceJobId({ ...id, index }))).toBeUndefined()
      const state = { index, attempt, state: 'failed', reason: 'OOMKilled' } as const
      expect(parseStateKey(id, stateKey(id, state))).toEqual(state)
    }),
  )
})

/** What every completed instance printed. */
async function* queueResults(queue: Queue): AsyncGenerator<{ key: string }> {
  for await (const job of queue.jobs('completed', { signal: AbortSignal.timeout(2000) })) {
    const { assets } = await job.result()
    const stdout = assets['stdout']
    if (stdout && parseInstanceJobId(job.id)) yield { key: await text(stdout.createReadStream()) }
    await job.acknowledge()
  }
}
