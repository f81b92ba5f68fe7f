import type { Delivery, MessageQueue } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import type { Cancellable } from '../backend.ts'

/** How a caller waits for a delivery. */
export interface TakeOptions extends Cancellable {
  /** Seconds until it is content with nothing; for ever when not said. */
  readonly waitSeconds?: number | undefined
}

/** A delivery, with the time when it came. */
export interface Arrived {
  readonly delivery: Delivery
  readonly receivedAt: number
}

interface Waiter {
  readonly give: (arrived: Arrived | undefined) => void
  readonly fail: (error: unknown) => void
  readonly until: number
}

/** SQS's longest poll: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html */
const longestPollSeconds = 20

/**
 * Hands one queue's deliveries to whoever waits. One long poll is out at a time, for as many as wait; one that nobody waits for any
 * more is left to end by itself, since an aborted poll strands what it was about to bring, and serves the next caller meanwhile.
 */
export class Poll {
  readonly #queue: MessageQueue
  readonly #leaseSeconds: number
  readonly #giveBack: (arrived: Arrived) => Promise<void>
  readonly #stopped = new AbortController()
  readonly #waiters = new Set<Waiter>()
  #running: Promise<void> | undefined

  /** @param giveBack What happens to a delivery that nobody waits for any more */
  constructor(queue: MessageQueue, leaseSeconds: number, giveBack: (arrived: Arrived) => Promise<void>) {
    this.#queue = queue
    this.#leaseSeconds = leaseSeconds
    this.#giveBack = giveBack
  }

  /** The next delivery; `undefined` when none came in time. */
  async take({ signal, waitSeconds }: TakeOptions): Promise<Arrived | undefined> {
    signal?.throwIfAborted()
    if (this.#stopped.signal.aborted) throw closed()
    if (waitSeconds === 0) return (await this.#receive(1, 0))[0]
    const { promise, resolve, reject } = Promise.withResolvers<Arrived | undefined>()
    const until = waitSeconds === undefined ? Number.POSITIVE_INFINITY : Date.now() + waitSeconds * 1000
    const waiter: Waiter = { give: resolve, fail: reject, until }
    // Who leaves is off the list at once: what is given to somebody who left would be lost until its lease is over.
    const abort = (): void => {
      this.#waiters.delete(waiter)
      reject(signal?.reason)
    }
    const timeOut = (): void => {
      this.#waiters.delete(waiter)
      resolve(undefined)
    }
    const timer = waitSeconds === undefined ? undefined : setTimeout(timeOut, Math.min(waitSeconds * 1000, 2 ** 31 - 1))
    signal?.addEventListener('abort', abort, { once: true })
    this.#waiters.add(waiter)
    this.#running ??= this.#run()
    try {
      return await promise
    } finally {
      this.#waiters.delete(waiter)
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    }
  }

  /** Everybody who waits is told that it is over; the poll that is out ends, and what it brings goes back. */
  async close(): Promise<void> {
    this.#stopped.abort()
    for (const waiter of this.#waiters) waiter.fail(closed())
    this.#waiters.clear()
    await this.#running
  }

  async #run(): Promise<void> {
    try {
      while (this.#waiters.size > 0) await this.#round()
    } catch (error) {
      for (const waiter of this.#waiters) waiter.fail(error)
      this.#waiters.clear()
    } finally {
      this.#running = undefined
    }
  }

  async #round(): Promise<void> {
    const longest = Math.max(...[...this.#waiters].map(({ until }) => until)) - Date.now()
    const waitSeconds = Math.max(1, Math.min(longestPollSeconds, Math.ceil(longest / 1000)))
    for (const arrived of await this.#receive(Math.min(10, this.#waiters.size), waitSeconds)) {
      const [waiter] = this.#waiters
      if (waiter) {
        this.#waiters.delete(waiter)
        waiter.give(arrived)
      } else {
        // Failing to give it back costs a lease's time, nothing else.
        await this.#giveBack(arrived).catch(() => {})
      }
    }
  }

  async #receive(max: number, waitSeconds: number): Promise<readonly Arrived[]> {
    const deliveries = await this.#queue.receive({ max, waitSeconds, leaseSeconds: this.#leaseSeconds, stop: this.#stopped.signal })
    // The lease began when the message left the queue, which is as good as now: a long poll answers at once.
    const receivedAt = Date.now()
    return deliveries.map((delivery) => ({ delivery, receivedAt }))
  }
}

function closed(): RemoteJobError {
  return new RemoteJobError('CLOSED', 'This queue was closed')
}
