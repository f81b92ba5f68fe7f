import type { Cancellable, Delivery, MessageQueue, OutgoingMessage, ReceiveOptions } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import { checkMessage } from './message-check.ts'
import { MessageTable } from './message-table.ts'
import type { Store } from './store.ts'

/** Messages with SQS's rules, in the rows of one queue. */
export class LocalMessages implements MessageQueue {
  readonly #queue: string
  readonly #use: () => Promise<Store>

  constructor(queue: string, use: () => Promise<Store>) {
    this.#queue = queue
    this.#use = use
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
    const end = Date.now() + options.waitSeconds * 1000
    // Heard from before the first look on: a message that comes between look and wait wakes too.
    using listener = store.bell.listen(this.#queue)
    while (!options.stop?.aborted) {
      const wait = await this.#untilVisible(store)
      // Looks before it writes: whoever waits at an empty queue costs the disk nothing.
      const deliveries = wait > 0 ? [] : await this.#take(store, options)
      const rest = end - Date.now()
      if (deliveries.length > 0 || rest <= 0) return deliveries
      await listener.heard(Math.min(rest, Math.max(wait, 0)), options.stop)
    }
    return []
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

  async #take(store: Store, { max, leaseSeconds, stop }: ReceiveOptions): Promise<readonly Delivery[]> {
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
