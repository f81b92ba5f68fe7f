import { Listener } from './listener.ts'

/** What tells of other processes' commits. */
interface Foreign {
  start(): void
  stop(): void
}

/** Wakes receivers that wait: at once for what this process does, within milliseconds for what another does. */
export class Bell {
  readonly #foreign: Foreign
  readonly #listeners = new Map<string, Set<Listener>>()

  /** `foreign` is made to call what it is given, and runs only while somebody listens. */
  constructor(foreign: (tell: () => void) => Foreign) {
    this.#foreign = foreign(() => this.#ringAll())
  }

  /** Listens from now on: what rings before the first `heard` is heard by it. Dispose of it. */
  listen(queue: string): Listener {
    if (this.#listeners.size === 0) this.#foreign.start()
    const listeners = this.#listeners.get(queue) ?? new Set()
    const listener = new Listener(() => this.#forget(queue, listener))
    this.#listeners.set(queue, listeners.add(listener))
    return listener
  }

  /**
   * Something in the queue may have become visible, or will. One listener looks, and passes the bell on when it leaves:
   * a hundred of them need not all look for one message.
   */
  ring(queue: string): void {
    for (const listener of this.#listeners.get(queue) ?? []) {
      if (listener.hear()) return
    }
  }

  #ringAll(): void {
    for (const queue of this.#listeners.keys()) this.ring(queue)
  }

  #forget(queue: string, listener: Listener): void {
    const listeners = this.#listeners.get(queue)
    if (!listeners?.delete(listener)) return
    if (listeners.size > 0) return this.ring(queue)
    this.#listeners.delete(queue)
    if (this.#listeners.size === 0) this.#foreign.stop()
  }
}
