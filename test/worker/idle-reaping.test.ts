import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Backend, MessageQueue, ReceiveOptions } from '../../src/backend.ts'
import { Queue, RemoteJobError, type WorkerEvent, type WorkerOptions } from '../../src/index.ts'
import { grounds, onLocal, useStage } from '../queue/setup.ts'

afterEach(() => void vi.useRealTimers())

/** Looks are minutes apart, and time is the clock's. */
const passMinutes = (minutes: number): void =>
  void vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + minutes * 60_000 })

type Receive = (real: MessageQueue, options: ReceiveOptions) => ReturnType<MessageQueue['receive']>

/** The same backend, on which the long polls of a worker are short; it counts them, and those for dead letters. */
class Watched implements Backend {
  readonly #backend: Backend
  readonly #dead: Receive
  polls = 0
  looks = 0

  constructor(backend: Backend, dead: Receive = (real, options) => real.receive({ ...options, waitSeconds: 0 })) {
    this.#backend = backend
    this.#dead = dead
  }

  open(place: Parameters<Backend['open']>[0]): ReturnType<Backend['open']> {
    const opened = this.#backend.open(place)
    return {
      objects: opened.objects,
      ready: () => opened.ready(),
      close: () => opened.close(),
      addQueue: (name) => opened.addQueue(name),
      removeQueue: (name) => opened.removeQueue(name),
      queue: (name) => this.#queue(name, opened.queue(name)),
    }
  }

  #queue(name: string, real: MessageQueue): MessageQueue {
    return {
      send: (...given) => real.send(...given),
      delete: (...given) => real.delete(...given),
      extend: (...given) => real.extend(...given),
      receive: (options) => (name.endsWith('-dead') ? this.#look(real, options) : this.#poll(real, options)),
    }
  }

  #look(real: MessageQueue, options: ReceiveOptions): ReturnType<MessageQueue['receive']> {
    this.looks += 1
    return this.#dead(real, options)
  }

  async #poll(real: MessageQueue, options: ReceiveOptions): ReturnType<MessageQueue['receive']> {
    const deliveries = await real.receive({ ...options, waitSeconds: 0 })
    if (deliveries.length === 0) await delay(5)
    this.polls += 1
    return deliveries
  }

  /** Waits until a worker has polled so often again. */
  async afterPolls(count: number): Promise<void> {
    const until = this.polls + count
    await vi.waitFor(() => expect(this.polls).toBeGreaterThanOrEqual(until), { timeout: 10_000, interval: 5 })
  }
}

function startWorker(name: string, backend: Backend, options: WorkerOptions = {}) {
  const queue = new Queue(name, { backend })
  const errors: WorkerEvent[] = []
  const worker = queue.work(() => {}, { ...options, onEvent: (event) => event.name === 'error' && errors.push(event) })
  const close = async (): Promise<void> => {
    await worker.close({ timeoutSeconds: 0 })
    await queue.close()
  }
  return { worker, errors, close, [Symbol.asyncDispose]: close }
}

describe.each(grounds)('a worker that has nothing to do, on $ground', ({ start }) => {
  const { setup } = useStage(start)

  test('sends dead letters again that never ran, takes off those that have ended, and leaves poison where it is', async () => {
    const { queue, raw, name, backend, send, deadLetters } = await setup()
    const handle = await queue.submit({ n: 1 })
    await queue.cancel(handle.id)
    const lost = await queue.submit({ n: 2 })
    const pending = raw.queue(`${name}-pending`)
    for (let receives = 0; receives < 22; receives += 1) {
      const deliveries = await pending.receive({ max: 10, waitSeconds: 0, leaseSeconds: 30 })
      for (const { receipt } of deliveries) await pending.extend(receipt, 0)
    }
    await send('{bad')
    const watched = new Watched(backend)
    await using started = startWorker(name, watched)
    await watched.afterPolls(2)
    passMinutes(8)
    // It was received ten times, and never ran: it is sent again, and does.
    expect(await lost.result({ timeoutSeconds: 1e6 })).toMatchObject({ status: 'completed' })
    expect(started.errors.map(({ error }) => error)).toMatchObject([{ code: 'MALFORMED_MESSAGE' }])
    await started.close()
    passMinutes(2)
    expect((await deadLetters()).map(({ body }) => body)).toEqual(['{bad'])
  })
})

describe('looking after dead letters', () => {
  const { setup } = useStage(onLocal)

  test('costs one receive about every five minutes where there are none, whatever the concurrency', async () => {
    const { name, backend } = await setup()
    const watched = new Watched(backend)
    await using _started = startWorker(name, watched, { concurrency: 100 })
    await watched.afterPolls(2)
    passMinutes(5)
    for (let look = 1; look <= 4; look += 1) {
      await watched.afterPolls(5)
      expect(watched.looks).toBe(look)
      passMinutes(2.4)
      await watched.afterPolls(5)
      expect(watched.looks).toBe(look)
      passMinutes(5.2)
    }
  })

  test('is not done by workers that begin, at the same time', async () => {
    const { name, backend } = await setup()
    const watched = new Watched(backend)
    vi.useFakeTimers({ toFake: ['Date'] })
    const workers = Array.from({ length: 20 }, () => startWorker(name, watched))
    await watched.afterPolls(40)
    const atOnce = watched.looks
    passMinutes(2.5)
    await watched.afterPolls(100)
    const half = watched.looks
    passMinutes(2.5)
    await watched.afterPolls(100)
    await Promise.all(workers.map(({ close }) => close()))
    expect(atOnce).toBe(0)
    expect(half).toBeGreaterThan(0)
    expect(half).toBeLessThan(20)
    expect(watched.looks).toBeGreaterThanOrEqual(20)
  })

  test.each([
    ['that was told not to', { reap: false }],
    ['of another queue than pending', { status: 'urgent' }],
  ])('is nothing for a worker %s', async (_, options) => {
    const { name, backend } = await setup()
    const watched = new Watched(backend)
    const queue = new Queue(name, { backend: watched, statuses: ['pending', 'urgent'] })
    const worker = queue.work(() => {}, options)
    await watched.afterPolls(2)
    passMinutes(60)
    await watched.afterPolls(5)
    await worker.close()
    await queue.close()
    expect(watched.looks).toBe(0)
  })

  test('is switched on and off by true and false, and nothing else', async () => {
    const { queue } = await setup()
    // @ts-expect-error -- as a variable of the environment has it
    expect(() => queue.work(() => {}, { reap: 'false' })).toThrow('Expected `reap` to be true or false, got "false"')
  })

  test('is given up, with one word of it, by a worker that lacks the rights', async () => {
    const { name, backend } = await setup()
    const watched = new Watched(backend, () => Promise.reject(new RemoteJobError('ACCESS_DENIED', 'No')))
    await using started = startWorker(name, watched)
    await watched.afterPolls(2)
    for (let look = 0; look < 3; look += 1) {
      passMinutes(10)
      await watched.afterPolls(5)
    }
    expect(watched.looks).toBe(1)
    expect(started.errors).toMatchObject([
      {
        error: {
          code: 'ACCESS_DENIED',
          message: expect.stringMatching(/will not try again: No\. Grant .*reap: false/),
        },
      },
    ])
  })

  test('is tried again at the next time when it failed otherwise; the worker goes on', async () => {
    const { queue, name, backend } = await setup()
    const watched = new Watched(backend, () => Promise.reject(new RemoteJobError('UNAVAILABLE', 'no network')))
    await using started = startWorker(name, watched)
    await watched.afterPolls(2)
    for (let look = 0; look < 3; look += 1) {
      passMinutes(10)
      await watched.afterPolls(5)
    }
    expect(started.errors.map(({ error }) => error)).toMatchObject([
      { code: 'UNAVAILABLE' },
      { code: 'UNAVAILABLE' },
      { code: 'UNAVAILABLE' },
    ])
    const handle = await queue.submit({ n: 1 })
    await watched.afterPolls(5)
    expect(await handle.status()).toBe('completed')
  })

  test('keeps nobody who closes: an answer that does not come is not waited for', async () => {
    const { name, backend } = await setup()
    const { promise: never } = Promise.withResolvers<never>()
    const watched = new Watched(backend, () => never)
    const { worker, errors, close } = startWorker(name, watched)
    await watched.afterPolls(2)
    passMinutes(10)
    await vi.waitFor(() => expect(watched.looks).toBe(1))
    await worker.close()
    expect(errors).toEqual([])
    await close()
  })
})
