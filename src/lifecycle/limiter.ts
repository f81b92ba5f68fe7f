import { RemoteJobError } from '../errors.ts'
import { checkInteger } from '../options.ts'
import { pause } from '../pause.ts'

/** Most jobs that a worker starts within any span of time. */
export interface Limit {
  /** Jobs, from 1. */
  readonly max: number
  /** Length of the span in seconds, above 0. */
  readonly perSeconds: number
}

/** @throws RemoteJobError `INVALID_ARGUMENT` */
export function checkLimit(limit: Limit | undefined): void {
  if (!limit) return
  checkInteger('limiter.max', limit.max, 1, Number.MAX_SAFE_INTEGER)
  if (typeof limit.perSeconds === 'number' && limit.perSeconds > 0 && limit.perSeconds <= 86_400) return
  throw new RemoteJobError(
    'INVALID_ARGUMENT',
    `Expected \`limiter.perSeconds\` to be above 0 and at most 86400, got ${String(limit.perSeconds)}`,
  )
}

/** Lets at most `max` jobs start in any `perSeconds`: asked before a receive, so that no job waits here while its lease runs. */
export class Limiter {
  readonly #limit: Limit | undefined
  #starts: number[] = []

  constructor(limit: Limit | undefined) {
    this.#limit = limit
  }

  /** Waits until at least one may start; answers how many of `most` may. They count as started until given back. */
  async claim(most: number, signal: AbortSignal): Promise<number> {
    if (!this.#limit) return most
    for (;;) {
      const now = performance.now()
      const span = this.#limit.perSeconds * 1000
      this.#starts = this.#starts.filter((start) => start > now - span)
      const allowed = Math.min(most, this.#limit.max - this.#starts.length)
      if (allowed > 0) {
        this.#starts.push(...Array.from({ length: allowed }, () => now))
        return allowed
      }
      const first = this.#starts[0] ?? now
      await pause(Math.max(1, first + span - now) / 1000, signal)
      if (signal.aborted) return 0
    }
  }

  /** Claims that came to nothing. */
  release(count: number): void {
    if (this.#limit && count > 0) this.#starts.splice(-count)
  }
}
