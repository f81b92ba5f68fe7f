import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { awsBackend } from '../../src/aws/backend.ts'
import { type Handler, Queue, RetryAfterError, type WorkerEvent, type WorkerOptions } from '../../src/index.ts'
import { backoffSeconds } from '../../src/lifecycle/backoff.ts'
import { type Emulator, startEmulator } from '../servers/emulator.ts'

interface Task {
  readonly n: number
}

let emulator: Emulator
let names = 0

beforeAll(async () => {
  emulator = await startEmulator()
})
afterAll(() => emulator.close())
afterEach(() => {
  emulator.reset()
  emulator.interpose = (request, perform) => perform(request)
})

describe('a lease that is lost', () => {
  it('aborts the handler with LEASE_LOST, frees its hand, and what it returns late is discarded', async () => {
    const { queue, working } = await setup({ leaseSeconds: 3 })
    const { promise: late, resolve: end } = Promise.withResolvers<void>()
    const reasons: unknown[] = []
    const first = await queue.submit({ n: 1 })
    emulator.fail({
      operation: 'ChangeMessageVisibility',
      answer: { status: 400, code: 'MessageNotInflight', message: 'Message is not in flight' },
    })
    const { named } = working(
      async (job, { signal }) => {
        signal.addEventListener('abort', () => reasons.push(signal.reason))
        if (job.attempt > 1) return { value: 'second' }
        await late
        return { value: 'first' }
      },
      { concurrency: 1 },
    )
    expect(await first.result({ timeoutSeconds: 15 })).toMatchObject({ value: 'second', attempt: 2 })
    end()
    expect(reasons).toMatchObject([{ code: 'LEASE_LOST' }])
    expect(named('lost')).toMatchObject([{ jobId: first.id, attempt: 1, error: { code: 'LEASE_LOST' } }])
    await delay(200)
    expect(await first.result()).toMatchObject({ value: 'second' })
  })

  it('leaves the job to others where the handler could not give it back, on its last try too', async () => {
    const { queue, working } = await setup({ leaseSeconds: 30 })
    const handle = await queue.submit({ n: 1 }, { attempts: 1 })
    emulator.fail({
      operation: 'ChangeMessageVisibility',
      times: Infinity,
      answer: { status: 400, code: 'MessageNotInflight', message: 'Message is not in flight' },
    })
    const { named } = working(async (job) => job.release({ counted: false, delaySeconds: 10 }))
    await vi.waitFor(() =>
      expect(named('lost')).toMatchObject([{ jobId: handle.id, attempt: 1, error: { code: 'LEASE_LOST' } }]),
    )
    await delay(200)
    expect([...named('failed'), ...named('completed'), ...named('retrying')]).toEqual([])
    expect(await handle.status()).not.toMatch(/completed|failed/)
  })
})

describe('what another hand ended', () => {
  it('is superseded: its worker says so, and the outcome that stands stays', async () => {
    const { queue, working } = await setup()
    const handle = await queue.submit({ n: 1 })
    const { named } = working(async () => {
      await handle.cancel()
      return { value: 'too late' }
    })
    await expect(handle.result({ timeoutSeconds: 10 })).rejects.toMatchObject({ code: 'JOB_CANCELLED' })
    await vi.waitFor(() =>
      expect(named('superseded')).toMatchObject([{ jobId: handle.id, error: { code: 'ALREADY_SETTLED' } }]),
    )
  })
})

describe('the message', () => {
  it('wins over the worker on how long an attempt may take', async () => {
    const { queue, working } = await setup()
    const short = await queue.submit({ n: 1 }, { timeoutSeconds: 1, attempts: 1 })
    working(async (_job, { signal }) => delay(60_000, undefined, { signal }), { timeoutSeconds: 3600 })
    await expect(short.result({ timeoutSeconds: 10 })).rejects.toMatchObject({
      cause: { code: 'TIMED_OUT', message: 'The handler took longer than the 1 seconds allowed' },
    })
  })
})

describe('close', () => {
  it('waits no longer than it was told to for the long poll that is out', async () => {
    const { working } = await setup()
    const { worker } = working(() => undefined)
    await emulator.until('ReceiveMessage', 1)
    expect(await secondsOf(worker.close({ timeoutSeconds: 0.5 }))).toBeLessThan(10)
    expect(emulator.count('ReceiveMessage')).toBe(1)
  })

  it('ends though the server has stopped to answer, and the handler heeds no signal', async () => {
    const { queue, working } = await setup()
    await queue.submit({ n: 1 })
    const { promise: begun, resolve } = Promise.withResolvers<void>()
    const { worker, named } = working(() => {
      resolve()
      return new Promise<undefined>(() => {})
    })
    await begun
    emulator.fail({ times: Infinity, answer: 'hang' })
    expect(await secondsOf(worker.close({ timeoutSeconds: 0.5 }))).toBeLessThan(15)
    expect(named('released')).toEqual([])
  })

  it('ends though the queue was never reached', async () => {
    const backend = awsBackend(emulator.options, { objects: 1000, messages: 1000, polls: 1000 })
    const queue = new Queue('nowhere', { backend })
    onTestFinished(() => queue.close())
    emulator.fail({ times: Infinity, answer: 'hang' })
    const worker = queue.work(() => undefined)
    await emulator.until(undefined, 1)
    expect(await secondsOf(worker.close({ timeoutSeconds: 0.5 }))).toBeLessThan(15)
  })
})

describe('heartbeats', () => {
  it('of jobs that began together share requests', async () => {
    const { queue, working } = await setup({ leaseSeconds: 6 })
    await queue.submitMany(Array.from({ length: 20 }, (_, n) => ({ n })))
    const { promise: enough, resolve } = Promise.withResolvers<void>()
    const { named } = working(() => enough, { concurrency: 20 })
    await vi.waitFor(() => expect(named('started')).toHaveLength(20), { timeout: 10_000 })
    await vi.waitFor(() => expect(named('heartbeat')).toHaveLength(20), { timeout: 10_000 })
    const requests = emulator.requests.filter(({ operation }) => operation.startsWith('ChangeMessageVisibility'))
    expect(requests.length).toBeLessThanOrEqual(5)
    resolve()
  })
})

describe('the wait of a failed job', () => {
  it.each([
    [1, 1],
    [2, 2],
    [3, 4],
    [9, 256],
    [11, 900],
    [1000, 900],
  ])('after attempt %i is %i seconds without jitter, doubling up to SQS’s limit', (attempt, seconds) => {
    expect(backoffSeconds({ jitter: 'none' }, attempt, new Error('no luck'))).toBe(seconds)
  })

  it('is drawn from zero up to the whole with full jitter', () => {
    const waits = Array.from({ length: 200 }, () => backoffSeconds({ baseSeconds: 100 }, 1, undefined))
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...waits)).toBeLessThanOrEqual(100)
    expect(new Set(waits).size).toBeGreaterThan(20)
  })

  it('is what a function says, rounded up, and never above SQS’s limit', () => {
    const error = new Error('no luck')
    const given: unknown[] = []
    const backoff = (attempt: number, cause: unknown): number => {
      given.push([attempt, cause])
      return attempt * 0.4
    }
    expect([backoffSeconds(backoff, 1, error), backoffSeconds(backoff, 5, error)]).toEqual([1, 2])
    expect(given).toEqual([
      [1, error],
      [5, error],
    ])
    expect(backoffSeconds(() => 5000, 1, error)).toBe(900)
    expect(backoffSeconds(() => -1, 1, error)).toBe(0)
    expect(() => backoffSeconds(() => Number.NaN, 1, error)).toThrow('Expected `backoff` to return a number of seconds')
  })

  it('is what a RetryAfterError says, whatever else is set', () => {
    expect(backoffSeconds(() => 100, 1, new RetryAfterError(7))).toBe(7)
  })
})

async function setup(options: { readonly leaseSeconds?: number } = {}) {
  const queue = new Queue<Task>(`promises-${(names += 1)}`, { ...emulator.options, ...options })
  onTestFinished(async () => {
    emulator.reset()
    await queue.close()
  })
  await queue.ready()
  emulator.reset()
  const working = (handler: Handler<Task>, more: WorkerOptions = {}) => {
    const events: WorkerEvent[] = []
    const worker = queue.work(handler, { backoff: () => 0, onEvent: (event) => events.push(event), ...more })
    onTestFinished(() => worker.close({ timeoutSeconds: 0 }))
    return { worker, named: (name: string) => events.filter((event) => event.name === name) }
  }
  return { queue, working }
}

async function secondsOf(promise: Promise<unknown>): Promise<number> {
  const before = performance.now()
  await promise
  return (performance.now() - before) / 1000
}
