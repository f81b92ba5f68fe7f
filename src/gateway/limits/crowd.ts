import { tooMany } from './rate.ts'
import { Problem } from '../problem.ts'
import type { Limits } from './limit-options.ts'

/** Seconds until it is worth another try where it is full: requests end soon. */
const soon = 1

/** The requests that are inside, from their first byte until their answer's last one is sent. */
export class Crowd {
  readonly #limits: Limits
  readonly #inside = new Map<string, number>()
  readonly #left = new Set<() => void>()
  #size = 0

  constructor(limits: Limits) {
    this.#limits = limits
  }

  /** How many there are. */
  get size(): number {
    return this.#size
  }

  /**
   * Counts one.
   * @returns what says that it has left
   * @throws Problem 503 where there is no more room for anybody
   */
  enter(): () => void {
    if (this.#size >= this.#limits.concurrentRequests)
      throw new Problem(503, `The gateway is full: come back in ${soon} s`, {
        headers: { 'Retry-After': String(soon) },
      })
    this.#size += 1
    return () => {
      this.#size -= 1
      if (this.#size === 0) for (const tell of this.#left) tell()
    }
  }

  /**
   * Counts one of a caller.
   * @returns what says that it has left
   * @throws Problem 429 where that caller has as many as one may have
   */
  enterAs(key: string): () => void {
    const count = this.#inside.get(key) ?? 0
    if (count >= this.#limits.concurrentRequestsPerCaller) throw tooMany('Too many requests at the same time', soon)
    this.#inside.set(key, count + 1)
    return () => {
      const left = (this.#inside.get(key) ?? 1) - 1
      if (left === 0) this.#inside.delete(key)
      else this.#inside.set(key, left)
    }
  }

  /** Resolves when nobody is inside, or after so many seconds. */
  async empty(timeoutSeconds: number): Promise<void> {
    if (this.#size === 0) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, timeoutSeconds * 1000)
    this.#left.add(resolve)
    await promise
    clearTimeout(timer)
    this.#left.delete(resolve)
  }
}
