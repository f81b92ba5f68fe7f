import type { Cancellable, Delivery, MessageQueue } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'

/** How a caller waits for deliveries. */
export interface TakeOptions extends Cancellable {
  /** Seconds until it is content with nothing; for ever when not said. */
  readonly waitSeconds?: number | undefined
}

/** A delivery, with the time when it came. */
export interface Arrived {
  readonly delivery: Delivery
  readonly receivedAt: number
  readonly leaseSeconds: number
}

interface Waiter {
  readonly wants: number
  readonly until: number
  readonly give: (arrived: readonly Arrived[]) => void
  readonly fail: (error: unknown) => void
}

/** SQS's longest poll: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html */
export const longestPollSeconds = 20
/** Most messages that SQS hands out at once. */
const mostAtOnce = 10
const mostPolls = 32

/**
 * Hands one queue's deliveries to whoever waits. At rest one long poll is out, for as many as wait; while polls come back full, more
 * go out beside it. One that nobody waits for any more is left to end by itself, since an aborted poll strands what it was about to
 * bring; it serves the next caller meanwhile.
 */
export class Poll {
  readonly #queue: MessageQueue
  readonly #leaseSeconds: number
  readonly #giveBack: (arrived: Arrived) => Promise<void>
  readonly #idle: () => void
  readonly #stopped = new AbortController()
  readonly #waiters = new Set<Waiter>()
  readonly #polls = new Set<Promise<void>>()
  /** How many may be out at once. */
  #width = 1

  /**
   * @param giveBack What happens to a delivery that nobody waits for any more
   * @param idle Is called when a long poll came back with nothing
   */
  constructor(
    queue: MessageQueue,
    leaseSeconds: number,
    giveBack: (arrived: Arrived) => Promise<void>,
    idle: () => void = () => {},
  ) {
    this.#idle = idle
    this.#queue = queue
    this.#leaseSeconds = leaseSeconds
    this.#giveBack = giveBack
  }

  /** The next deliveries, from one to `wants`; none when none came in time. */
  async take(wants: number, { signal, waitSeconds }: TakeOptions = {}): Promise<readonly Arrived[]> {
    signal?.throwIfAborted()
    if (this.#stopped.signal.aborted) throw closed()
    if (waitSeconds === 0) return this.#receive(Math.min(mostAtOnce, wants), 0)
    const { promise, resolve, reject } = Promise.withResolvers<readonly Arrived[]>()
    const until = waitSeconds === undefined ? Number.POSITIVE_INFINITY : Date.now() + waitSeconds * 1000
    const waiter: Waiter = { wants, until, give: resolve, fail: reject }
    // Who leaves is off the list at once: what is given to somebody who left would be lost until its lease is over.
    const abort = (): void => {
      this.#waiters.delete(waiter)
      reject(signal?.reason)
    }
    const timeOut = (): void => {
      this.#waiters.delete(waiter)
      resolve([])
    }
    const timer = waitSeconds === undefined ? undefined : setTimeout(timeOut, Math.min(waitSeconds * 1000, 2 ** 31 - 1))
    signal?.addEventListener('abort', abort, { once: true })
    this.#waiters.add(waiter)
    this.#pump()
    try {
      return await promise
    } finally {
      this.#waiters.delete(waiter)
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    }
  }

  /** Everybody who waits is told that it is over; the polls that are out end, and what they bring goes back. */
  async close(): Promise<void> {
    this.#stopped.abort()
    this.#failAll(closed())
    await Promise.all(this.#polls)
  }

  #pump(): void {
    while (this.#waiters.size > 0 && this.#polls.size < this.#width && this.#unserved() > 0) {
      const poll = this.#round(Math.min(mostAtOnce, this.#unserved()))
        .catch((error: unknown) => this.#failAll(error))
        .finally(() => {
          this.#polls.delete(poll)
          this.#pump()
        })
      this.#polls.add(poll)
    }
  }

  /** Hands that no poll is out for. */
  #unserved(): number {
    return this.#wanted() - mostAtOnce * this.#polls.size
  }

  #wanted(): number {
    return this.#waiters.values().reduce((sum, { wants }) => sum + wants, 0)
  }

  async #round(max: number): Promise<void> {
    const longest = Math.max(...[...this.#waiters].map(({ until }) => until)) - Date.now()
    const waitSeconds = Math.max(1, Math.min(longestPollSeconds, Math.ceil(longest / 1000)))
    // A second poll beside the first waits no longer than that one: an empty queue wants one poll, not several.
    const isLong = this.#polls.size === 0
    const arrived = await this.#receive(max, isLong ? waitSeconds : 0)
    if (isLong && arrived.length === 0) this.#idle()
    this.#width = arrived.length < max ? 1 : Math.min(mostPolls, 1 + this.#width)
    await this.#hand(arrived)
  }

  async #hand(arrived: readonly Arrived[]): Promise<void> {
    const rest = [...arrived]
    while (rest.length > 0) {
      const [waiter] = this.#waiters
      if (!waiter) break
      this.#waiters.delete(waiter)
      waiter.give(rest.splice(0, waiter.wants))
    }
    // Failing to give one back costs a lease's time, nothing else.
    await Promise.all(rest.map((one) => this.#giveBack(one).catch(() => {})))
  }

  #failAll(error: unknown): void {
    for (const waiter of this.#waiters) waiter.fail(error)
    this.#waiters.clear()
  }

  async #receive(max: number, waitSeconds: number): Promise<readonly Arrived[]> {
    const leaseSeconds = this.#leaseSeconds
    const deliveries = await this.#queue.receive({ max, waitSeconds, leaseSeconds, stop: this.#stopped.signal })
    // The lease began when the message left the queue, which is as good as now: a long poll answers at once.
    const receivedAt = Date.now()
    return deliveries.map((delivery) => ({ delivery, receivedAt, leaseSeconds }))
  }
}

function closed(): RemoteJobError {
  return new RemoteJobError('CLOSED', 'This queue was closed')
}
