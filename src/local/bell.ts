/** Milliseconds between two looks for what other processes committed, only while somebody waits. */
const lookEvery = 20

/** Wakes receivers that wait: at once for what this process does, within milliseconds for what another does. */
export class Bell {
  readonly #foreignVersion: () => number
  readonly #listeners = new Map<string, Set<Listener>>()
  #look: NodeJS.Timeout | undefined
  #seen = NaN

  constructor(foreignVersion: () => number) {
    this.#foreignVersion = foreignVersion
  }

  /** Listens from now on: what rings before the first `heard` is heard by it. Dispose of it. */
  listen(queue: string): Listener {
    const listener = new Listener(() => this.#forget(queue, listener))
    const listeners = this.#listeners.get(queue) ?? new Set()
    this.#listeners.set(queue, listeners.add(listener))
    this.#startLooking()
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

  #forget(queue: string, listener: Listener): void {
    const listeners = this.#listeners.get(queue)
    listeners?.delete(listener)
    if (listeners?.size === 0) this.#listeners.delete(queue)
    if (this.#listeners.size === 0) this.#stopLooking()
    else this.ring(queue)
  }

  #startLooking(): void {
    if (this.#look) return
    this.#seen = this.#foreignVersion()
    // Whoever waits holds the process with a timer of its own.
    this.#look = setInterval(() => this.#lookNow(), lookEvery).unref()
  }

  #stopLooking(): void {
    clearInterval(this.#look)
    this.#look = undefined
  }

  #lookNow(): void {
    const version = this.#foreignVersion()
    if (version === this.#seen) return
    this.#seen = version
    for (const queue of this.#listeners.keys()) this.ring(queue)
  }
}

/** One receiver that waits. */
export class Listener implements Disposable {
  readonly #leave: () => void
  #isRung = false
  #wake: (() => void) | undefined

  constructor(leave: () => void) {
    this.#leave = leave
  }

  /** True unless it was rung before and has not looked yet. */
  hear(): boolean {
    if (this.#isRung) return false
    this.#isRung = true
    this.#wake?.()
    return true
  }

  /** Waits until it is rung, the milliseconds are over, or `stop`. */
  async heard(milliseconds: number, stop?: AbortSignal): Promise<void> {
    if (!this.#isRung && !stop?.aborted) await this.#sleep(milliseconds, stop)
    this.#isRung = false
  }

  #sleep(milliseconds: number, stop: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer)
        stop?.removeEventListener('abort', wake)
        this.#wake = undefined
        resolve()
      }
      const timer = setTimeout(wake, milliseconds)
      stop?.addEventListener('abort', wake, { once: true })
      this.#wake = wake
    })
  }

  [Symbol.dispose](): void {
    this.#leave()
  }
}
