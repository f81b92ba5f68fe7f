import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import {
  type Job,
  Queue,
  RetryAfterError,
  UnrecoverableError,
  type WorkerEvent,
  Worker,
  type WorkerOptions,
} from '../../src/index.ts'
import { grounds, onLocal, refusal, useStage } from '../queue/setup.ts'

interface Task {
  readonly n: number
}

/** A worker that is closed at the end of the test, and what it told. */
function working(
  queue: Queue<Task>,
  handler: (job: Job<Task>, context: { signal: AbortSignal }) => unknown,
  options: WorkerOptions = {},
) {
  const events: WorkerEvent[] = []
  const worker = queue.work(handler as never, { backoff: () => 0, onEvent: (event) => events.push(event), ...options })
  return {
    worker,
    events,
    named: (name: string) => events.filter((event) => event.name === name),
    [Symbol.asyncDispose]: () => worker.close({ timeoutSeconds: 0 }),
  }
}

describe.each(grounds)('a worker on $ground', ({ start }) => {
  const stage = useStage(start)

  it('runs the handler on every job and makes what it returns the result', async () => {
    const { queue } = await stage.setup<Task>()
    const handles = await Promise.all(Array.from({ length: 25 }, (_, n) => queue.submit({ n, body: `input ${n}` })))
    await using _ = working(queue, async (job) => ({ value: job.metadata.n * 2, assets: { copy: await job.text() } }))
    const results = await Promise.all(handles.map((handle) => handle.result({ timeoutSeconds: 15 })))
    expect(results.map(({ value }) => value)).toEqual(Array.from({ length: 25 }, (_, n) => n * 2))
    expect(await results[7]?.assets['copy']?.text()).toBe('input 7')
  })

  it.each([
    ['one asset', { body: 'a' }, ['output']],
    [
      'an array of assets',
      [
        { key: 'x', body: 'a' },
        { key: 'y', body: 'b' },
      ],
      ['x', 'y'],
    ],
    ['assets by name', { 'x.txt': 'a', y: { body: 'b' } }, ['x.txt', 'y']],
    ['a value alone', { value: 1 }, []],
    ['nothing', undefined, []],
  ])('takes %s', async (_name, returned, names) => {
    const { queue } = await stage.setup<Task>()
    const handle = await queue.submit({ n: 1 })
    await using _worker = working(queue, () => returned)
    const { assets } = await handle.result({ timeoutSeconds: 10 })
    expect(Object.keys(assets)).toEqual(names)
  })

  it('tells what a handler did with its job by itself', async () => {
    const { queue } = await stage.setup<Task>()
    const handles = await queue.submitMany([{ n: 0 }, { n: 1 }, { n: 2 }])
    await using work = working(
      queue,
      async (job) => {
        if (job.metadata.n === 0) await job.complete()
        else if (job.metadata.n === 1) await job.fail(Object.assign(new Error('no'), { code: 'NO' }))
        else if (job.attempt === 1) await job.release()
      },
      { concurrency: 1 },
    )
    await handles[2]?.result({ timeoutSeconds: 15 })
    await vi.waitFor(() => expect(work.named('completed')).toHaveLength(2), 15_000)
    const told = (n: number) =>
      work.events.filter(({ jobId, name }) => jobId === handles[n]?.id && name !== 'received' && name !== 'started')
    expect(told(0)).toMatchObject([{ name: 'completed', attempt: 1, seconds: expect.any(Number) }])
    expect(told(1)).toMatchObject([{ name: 'failed', attempt: 1, error: { message: 'no', code: 'NO' } }])
    expect(told(2)).toMatchObject([
      { name: 'released', attempt: 1 },
      { name: 'completed', attempt: 2 },
    ])
  })

  it('tries a job again until its attempts are used up, the message having the last word on how many', async () => {
    const { queue } = await stage.setup<Task>({ attempts: 3 })
    const attempts: number[] = []
    const handle = await queue.submit({ n: 1 }, { attempts: 4 })
    await using work = working(
      queue,
      (job) => {
        attempts.push(job.attempt)
        throw new Error(`try ${job.attempt}`)
      },
      { attempts: 2 },
    )
    await expect(handle.result({ timeoutSeconds: 15 })).rejects.toMatchObject({
      code: 'JOB_FAILED',
      cause: { message: 'try 4' },
    })
    expect(attempts).toEqual([1, 2, 3, 4])
    expect(work.named('retrying')).toHaveLength(3)
    expect(work.named('failed')).toHaveLength(1)
  })

  it('fails at once on an UnrecoverableError', async () => {
    const { queue } = await stage.setup<Task>()
    const handler = vi.fn(() => {
      throw new UnrecoverableError('never mind')
    })
    const handle = await queue.submit({ n: 1 })
    await using _ = working(queue, handler)
    await expect(handle.result({ timeoutSeconds: 10 })).rejects.toThrow('never mind')
    expect(handler).toHaveBeenCalledTimes(1)
  })

  it('makes an asset that cannot be read a failed attempt, not a failed worker', async () => {
    const { queue } = await stage.setup<Task>()
    const handle = await queue.submit({ n: 1 })
    await using _ = working(queue, (job) => {
      async function* body() {
        yield 'begins well'
        if (job.attempt === 1) throw new Error('the disk is gone')
      }
      return { body: body() }
    })
    const { attempt, assets } = await handle.result({ timeoutSeconds: 15 })
    expect(attempt).toBe(2)
    expect(await assets['output']?.text()).toBe('begins well')
  })

  it('aborts a handler that overruns its time, and tries again', async () => {
    const { queue } = await stage.setup<Task>()
    const handle = await queue.submit({ n: 1 }, { timeoutSeconds: 1, attempts: 2 })
    const reasons: unknown[] = []
    await using _ = working(queue, async (job, { signal }) => {
      if (job.attempt === 2) return { value: 'in time' }
      await delay(60_000, undefined, { signal }).catch(() => reasons.push(signal.reason))
      throw signal.reason
    })
    expect(await handle.result({ timeoutSeconds: 15 })).toMatchObject({ attempt: 2, value: 'in time' })
    expect(reasons).toMatchObject([{ code: 'TIMED_OUT' }])
  })
})

describe('a worker', () => {
  const stage = useStage(onLocal)

  it('runs no more jobs at the same time than it has hands, and never waits for a slow one', async () => {
    const { queue } = await stage.setup<Task>()
    await Promise.all(Array.from({ length: 40 }, (_, n) => queue.submit({ n })))
    const { promise: slow, resolve: end } = Promise.withResolvers<void>()
    let running = 0
    let most = 0
    let done = 0
    await using _ = working(
      queue,
      async (job) => {
        running += 1
        most = Math.max(most, running)
        await (job.metadata.n === 0 ? slow : delay(100))
        running -= 1
        done += 1
      },
      { concurrency: 13 },
    )
    await vi.waitFor(() => expect(done).toBe(39), { timeout: 15_000 })
    end()
    await vi.waitFor(() => expect(done).toBe(40), { timeout: 5_000 })
    expect(most).toBe(13)
  })

  it('waits as long as RetryAfterError says', async () => {
    const { queue } = await stage.setup<Task>()
    const handle = await queue.submit({ n: 1 })
    await using work = working(queue, (job) => {
      if (job.attempt === 1) throw new RetryAfterError(1.2)
    })
    await handle.result({ timeoutSeconds: 15 })
    expect(work.named('retrying')).toMatchObject([{ delaySeconds: 2 }])
  })

  it('keeps a job for as long as its handler takes, however short the lease', async () => {
    const { queue } = await stage.setup<Task>({ leaseSeconds: 3 })
    const handle = await queue.submit({ n: 1 })
    const attempts: number[] = []
    await using work = working(queue, async (job) => {
      attempts.push(job.attempt)
      await vi.waitFor(() => expect(work.named('heartbeat').length).toBeGreaterThanOrEqual(4), { timeout: 15_000 })
    })
    await handle.result({ timeoutSeconds: 20 })
    expect(attempts).toEqual([1])
  })

  it('learns of a cancellation at its next heartbeat, and takes the job off the queue', async () => {
    const { queue, raw, name } = await stage.setup<Task>({ leaseSeconds: 6 })
    const handle = await queue.submit({ n: 1 })
    const { promise: aborted, resolve } = Promise.withResolvers<unknown>()
    await using _ = working(queue, async (_job, { signal }) => {
      await handle.cancel()
      signal.addEventListener('abort', () => resolve(signal.reason))
      await aborted
    })
    // Well before the lease would have ended.
    expect(await aborted).toMatchObject({ code: 'ALREADY_SETTLED', status: 'cancelled' })
    await expect(queue.next('failed', { waitSeconds: 3 })).resolves.toMatchObject({ id: handle.id })
    await vi.waitFor(async () =>
      expect(await raw.queue(`${name}-pending`).receive({ max: 1, waitSeconds: 0, leaseSeconds: 0 })).toEqual([]),
    )
  })

  it('does not let a handler that ignores its signal hold its slot, and discards what it returns late', async () => {
    const { queue } = await stage.setup<Task>()
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const first = await queue.submit({ n: 1 }, { timeoutSeconds: 1, attempts: 1 })
    const second = await queue.submit({ n: 2 })
    await using _ = working(
      queue,
      async (job) => {
        if (job.metadata.n === 1) await late
        return { value: job.metadata.n }
      },
      { concurrency: 1 },
    )
    expect(await second.result({ timeoutSeconds: 10 })).toMatchObject({ value: 2 })
    await expect(first.result({ timeoutSeconds: 5 })).rejects.toMatchObject({
      code: 'JOB_FAILED',
      cause: { code: 'TIMED_OUT' },
    })
    resolve()
  })

  it('fails a job for good whose handler says, out of time, that another try is of no use', async () => {
    const { queue } = await stage.setup<Task>()
    const handle = await queue.submit({ n: 1 }, { timeoutSeconds: 1 })
    await using _ = working(queue, async (_job, { signal }) => {
      await once(signal, 'abort')
      throw new UnrecoverableError('it was run')
    })
    const failure = handle.result({ timeoutSeconds: 10 })
    await expect(failure).rejects.toMatchObject({ result: { attempt: 1 }, cause: { code: 'TIMED_OUT' } })
  })

  it.each([
    ['its time is over', { timeoutSeconds: 1, attempts: 1 }, 60],
    ['the worker closes', {}, 0.2],
  ])('does not wait for a file that never ends when %s', async (_name, options, closeSeconds) => {
    const { queue } = await stage.setup<Task>()
    const handle = await queue.submit({ n: 1 }, options)
    const stalled = new Readable({ read() {} })
    const { promise: begun, resolve } = Promise.withResolvers<void>()
    const { worker, named } = working(queue, () => {
      resolve()
      return { body: stalled }
    })
    await begun
    if (closeSeconds === 60)
      await expect(handle.result({ timeoutSeconds: 10 })).rejects.toMatchObject({ cause: { code: 'TIMED_OUT' } })
    await worker.close({ timeoutSeconds: closeSeconds })
    expect([stalled.destroyed, named(closeSeconds === 60 ? 'failed' : 'released').length]).toEqual([true, 1])
  })

  it('fails a job for good that was acknowledged before it was done, since nobody else will do it', async () => {
    const { queue } = await stage.setup<Task>()
    const handle = await queue.submit({ n: 1 })
    await using _ = working(queue, async (job) => {
      await job.acknowledge()
      throw new Error('too bad')
    })
    await expect(handle.result({ timeoutSeconds: 10 })).rejects.toMatchObject({
      code: 'JOB_FAILED',
      cause: { message: 'too bad' },
    })
  })

  it('closes: takes nothing more, lets running jobs end, and gives the unfinished back without costing them an attempt', async () => {
    const { queue, another } = await stage.setup<Task>()
    const quick = await queue.submit({ n: 1 })
    const endless = await queue.submit({ n: 2 })
    const { promise: bothRun, resolve } = Promise.withResolvers<void>()
    let running = 0
    const work = working(queue, async (job, { signal }) => {
      running += 1
      if (running === 2) resolve()
      await bothRun
      if (job.metadata.n === 1) return { value: 'done' }
      return delay(60_000, undefined, { signal })
    })
    await bothRun
    await work.worker.close({ timeoutSeconds: 0.2 })
    expect(work.named('released')).toMatchObject([{ jobId: endless.id }])
    expect(await quick.result({ timeoutSeconds: 5 })).toMatchObject({ value: 'done' })
    await using next = await another().next()
    expect([next.id, next.attempt]).toEqual([endless.id, 1])
  })

  it('takes one job with `once`, and ends', async () => {
    const { queue } = await stage.setup<Task>()
    const handles = await Promise.all([queue.submit({ n: 1 }), queue.submit({ n: 2 })])
    const { worker, named } = working(queue, () => undefined, { once: true, concurrency: 5 })
    await worker.done
    expect(named('completed')).toHaveLength(1)
    expect((await Promise.all(handles.map((handle) => handle.status()))).toSorted()).toEqual(['completed', 'pending'])
  })

  it('starts no more jobs in a span of time than its limiter allows', async () => {
    const { queue } = await stage.setup<Task>()
    const handles = await Promise.all(Array.from({ length: 9 }, (_, n) => queue.submit({ n })))
    const starts: number[] = []
    await using _ = working(queue, () => void starts.push(performance.now()), { limiter: { max: 3, perSeconds: 0.5 } })
    await Promise.all(handles.map((handle) => handle.result({ timeoutSeconds: 15 })))
    for (const [index, start] of starts.slice(3).entries()) expect(start - (starts[index] ?? 0)).toBeGreaterThan(400)
  })

  it('tells what happens on diagnostics channels too', async () => {
    const { queue, name } = await stage.setup<Task>()
    const heard: unknown[] = []
    const listener = (message: unknown): void => void heard.push(message)
    subscribe('remotejob:completed', listener)
    try {
      const handle = await queue.submit({ n: 1 })
      await using work = working(queue, () => undefined)
      await vi.waitFor(() =>
        expect(heard).toMatchObject([{ name: 'completed', queue: name, jobId: handle.id, attempt: 1 }]),
      )
      expect(work.events.map((event) => event.name)).toEqual(['received', 'started', 'completed'])
    } finally {
      unsubscribe('remotejob:completed', listener)
    }
  })

  it('goes on when it cannot reach its queue, and says so', async () => {
    const { name, backend, queue } = await stage.setup<Task>()
    let isDown = true
    const flaky = {
      open: (place: Parameters<typeof backend.open>[0]) => {
        const opened = backend.open(place)
        return {
          ...opened,
          objects: opened.objects,
          queue: (it: string) => opened.queue(it),
          close: () => opened.close(),
          ready: async () => {
            if (isDown) throw new Error('down for the night')
            await opened.ready()
          },
        }
      },
    }
    await using late = new Queue<Task>(name, { backend: flaky })
    const handle = await queue.submit({ n: 1 })
    await using work = working(late, () => undefined)
    await vi.waitFor(() => expect(work.named('error').length).toBeGreaterThan(0))
    isDown = false
    await handle.result({ timeoutSeconds: 10 })
  })

  it('says that it set a message aside that it cannot read, and goes on', async () => {
    const { queue, send } = await stage.setup<Task>()
    await send('{bad')
    const handle = await queue.submit({ n: 1 })
    await using work = working(queue, () => undefined)
    await handle.result({ timeoutSeconds: 10 })
    await vi.waitFor(() => expect(work.named('error')).toMatchObject([{ error: { code: 'MALFORMED_MESSAGE' } }]))
  })

  it('can be made by hand, and is closed with its queue', async () => {
    const { another } = await stage.setup<Task>()
    const queue = another()
    const worker = new Worker(queue, () => undefined)
    const worked = queue.work(() => undefined)
    await queue.close()
    await worked.done
    await worker.close()
  })

  it.each([
    [
      { status: 'completed' },
      'Jobs in "completed" are finished: take them with next() or jobs(), and acknowledge() them',
    ],
    [{ concurrency: 0 }, 'Expected `concurrency` to be an integer from 1 to 10000, got 0'],
    [{ leaseSeconds: 2 }, 'Expected `leaseSeconds` to be an integer from 3 to 43200, got 2'],
    [{ limiter: { max: 1, perSeconds: 0 } }, 'Expected `limiter.perSeconds` to be above 0 and at most 86400, got 0'],
    [{ backoff: { jitter: 'some' as 'full' } }, 'Expected `backoff.jitter` to be one of "full", "none", got "some"'],
  ])('refuses %j', async (options, message) => {
    const { queue } = await stage.setup<Task>()
    const error = await refusal((async () => queue.work(() => undefined, options))())
    expect([error.code, error.message]).toEqual(['INVALID_ARGUMENT', message])
  })
})
