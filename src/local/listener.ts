/** One receiver that waits; see `Bell`. */
export class Listener implements Disposable {
  readonly #leave: () => void
  #isRung = false
  #wake: (() => void) | undefined

  constructor(leave: () => void) {
    this.#leave = leave
  }

  /** False when it was rung before and has not looked since: another one should hear. */
  hear(): boolean {
    if (this.#isRung) return false
    this.#isRung = true
    this.#wake?.()
    return true
  }

  /** Waits until it is rung, the milliseconds are over, or one of the signals is aborted. */
  async heard(milliseconds: number, signals: readonly AbortSignal[]): Promise<void> {
    if (!this.#isRung && !signals.some((signal) => signal.aborted)) await this.#sleep(milliseconds, signals)
    this.#isRung = false
  }

  #sleep(milliseconds: number, signals: readonly AbortSignal[]): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer)
        for (const signal of signals) signal.removeEventListener('abort', wake)
        this.#wake = undefined
        resolve()
      }
      const timer = setTimeout(wake, milliseconds)
      for (const signal of signals) signal.addEventListener('abort', wake, { once: true })
      this.#wake = wake
    })
  }

  [Symbol.dispose](): void {
    this.#leave()
  }
}
