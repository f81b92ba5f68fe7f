import { pause } from '../pause.ts'

/** Word of one job's end, for one who waits. It may come before anybody looks, and is then found. */
export class Letter implements Disposable {
  readonly #leave: () => void
  #arrived = new AbortController()

  constructor(leave: () => void) {
    this.#leave = leave
  }

  /** Something was heard of the job. */
  arrive(): void {
    this.#arrived.abort()
  }

  /**
   * Waits until something is heard, or the time is over; what was heard is then read.
   * @throws `signal.reason`
   */
  async wait(seconds: number, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted()
    await pause(seconds, signal ? AbortSignal.any([signal, this.#arrived.signal]) : this.#arrived.signal)
    signal?.throwIfAborted()
    if (this.#arrived.signal.aborted) this.#arrived = new AbortController()
  }

  [Symbol.dispose](): void {
    this.#leave()
  }
}
