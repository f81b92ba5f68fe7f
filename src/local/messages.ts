import type { Cancellable, Delivery, MessageQueue, OutgoingMessage, ReceiveOptions } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import { checkMessage } from './message-check.ts'
import { MessageTable } from './message-table.ts'
import type { Store } from './store.ts'

/** Messages with SQS's rules, in the rows of one queue. */
export class LocalMessages implements MessageQueue {
  readonly #queue: string
  readonly #use: () => Promise<Store>
  readonly #closing: AbortSignal

  /** `closing` ends the receives that wait. */
  constructor(queue: string, use: () => Promise<Store>, closing: AbortSignal) {
    this.#queue = queue
    this.#use = use
    this.#closing = closing
  }

  async send(message: OutgoingMessage, { signal }: Cancellable = {}): Promise<void> {
    signal?.throwIfAborted()
    checkMessage(message)
    const store = await this.#use()
    await store.write(() => this.#table(store).send(message), signal)
    store.bell.ring(this.#queue)
  }

  async receive(options: ReceiveOptions): Promise<readonly Delivery[]> {
    const store = await this.#use()
    const end = performance.now() + options.waitSeconds * 1000
    const deliveries = await this.#takeVisible(store, options)
    return deliveries.length > 0 || options.waitSeconds === 0 ? deliveries : await this.#wait(store, options, end)
  }

  async delete(receipt: string, { signal }: Cancellable = {}): Promise<void> {
    signal?.throwIfAborted()
    const store = await this.#use()
    await store.write(() => this.#table(store).delete(receipt), signal)
  }

  async extend(receipt: string, seconds: number, { signal }: Cancellable = {}): Promise<void> {
    signal?.throwIfAborted()
    const store = await this.#use()
    const isHeld = await store.write(() => this.#table(store).extend(receipt, seconds), signal)
    if (!isHeld) {
      throw new RemoteJobError('LEASE_LOST', `The lease on a message of "${this.#queue}" is over: it was not extended`)
    }
    store.bell.ring(this.#queue)
  }

  async #wait(store: Store, options: ReceiveOptions, end: number): Promise<readonly Delivery[]> {
    // Heard from before the next look on: a message that comes between look and sleep wakes too.
    using listener = store.bell.listen(this.#queue)
    const signals = [this.#closing, ...(options.stop ? [options.stop] : [])]
    while (!signals.some((signal) => signal.aborted)) {
      const deliveries = await this.#takeVisible(store, options)
      const rest = end - performance.now()
      if (deliveries.length > 0 || rest <= 0) return deliveries
      const untilVisible = await this.#untilVisible(store)
      await listener.heard(Math.max(0, Math.min(rest, untilVisible)), signals)
    }
    return []
  }

  /** Looks before it writes: whoever waits at an empty queue costs the disk nothing. */
  async #takeVisible(store: Store, { max, leaseSeconds, stop }: ReceiveOptions): Promise<readonly Delivery[]> {
    if (stop?.aborted || (await this.#untilVisible(store)) > 0) return []
    try {
      const { deliveries, movedTo } = await store.write(() => this.#table(store).take(max, leaseSeconds), stop)
      if (movedTo !== undefined) store.bell.ring(movedTo)
      return deliveries
    } catch (error) {
      // Stopped before anything was taken.
      if (stop?.aborted) return []
      throw error
    }
  }

  /** Milliseconds until a message becomes visible as things are. */
  async #untilVisible(store: Store): Promise<number> {
    const time = await store.read(() => this.#table(store).nextVisibleAt())
    return time === undefined ? Infinity : time - Date.now()
  }

  #table(store: Store): MessageTable {
    return new MessageTable(store.database, this.#queue)
  }
}
