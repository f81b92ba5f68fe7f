/** Milliseconds for which a free hand waits for others, so that one receive can ask for them all. */
const moment = 40

/** How many jobs a worker can take up: a count of free hands, claimed by several at once where that costs nobody time. */
export class Hands {
  readonly #several: number
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(count: number) {
    this.#free = count
    this.#several = Math.min(10, Math.ceil(count / 2))
  }

  /** Claims from one to `most` hands, as soon as several are free or one has been for a moment; `0` when the signal aborts first. */
  async claim(most: number, signal: AbortSignal): Promise<number> {
    while (this.#free === 0) {
      if (signal.aborted) return 0
      await this.#change(signal)
    }
    if (this.#free < Math.min(most, this.#several)) await this.#moment()
    if (signal.aborted) return 0
    const claimed = Math.min(most, this.#free)
    if (claimed === 0) return this.claim(most, signal)
    this.#free -= claimed
    return claimed
  }

  /** Hands that are free again. */
  release(count: number): void {
    if (count === 0) return
    this.#free += count
    for (const wake of this.#waiting.splice(0)) wake()
  }

  #moment(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, moment))
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        signal.removeEventListener('abort', wake)
        resolve()
      }
      this.#waiting.push(wake)
      signal.addEventListener('abort', wake, { once: true })
    })
  }
}
