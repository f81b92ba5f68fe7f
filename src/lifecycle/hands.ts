import { onAbort } from '../on-abort.ts'

/** Milliseconds for which a free hand waits for others, so that one receive can ask for them all. */
const moment = 40

/** How many jobs a worker can take up: a count of free hands, claimed by several at once where that costs nobody time. */
export class Hands {
  readonly #several: number
  #free: number
  #wake: (() => void) | undefined
  #turn: Promise<unknown> = Promise.resolve()

  constructor(count: number) {
    this.#free = count
    this.#several = Math.min(10, Math.ceil(count / 2))
  }

  /**
   * Claims from one to `most` hands, as soon as several are free or one has been for a moment; `0` when the signal aborts first.
   * Claims are served in turn: two at once would share what one receive could ask for.
   */
  async claim(most: number, signal: AbortSignal): Promise<number> {
    const turn = this.#turn.then(() => this.#claim(most, signal))
    this.#turn = turn
    return turn
  }

  /** Hands that are free again. */
  release(count: number): void {
    this.#free += count
    this.#wake?.()
  }

  async #claim(most: number, signal: AbortSignal): Promise<number> {
    await this.#until(1, signal)
    await this.#until(Math.min(most, this.#several), signal, moment)
    if (signal.aborted) return 0
    const claimed = Math.min(most, this.#free)
    this.#free -= claimed
    return claimed
  }

  /** Waits until so many hands are free, the time is over, or the signal aborts. */
  async #until(count: number, signal: AbortSignal, milliseconds?: number): Promise<void> {
    if (this.#free >= count || signal.aborted) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = milliseconds === undefined ? undefined : setTimeout(resolve, milliseconds)
    this.#wake = () => {
      if (this.#free >= count) resolve()
    }
    const leave = onAbort(signal, resolve)
    await promise
    this.#wake = undefined
    clearTimeout(timer)
    leave()
  }
}
