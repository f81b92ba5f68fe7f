import { hasCode, RemoteJobError } from '../errors.ts'
import { reapDead } from './reap-dead.ts'
import type { Workspace } from './workspace.ts'

/** Seconds between two looks of one worker, on average; the half or one and a half of it by chance. */
const intervalSeconds = 300

/**
 * Looks after dead letters for a worker that has nothing else to do, now and then: one receive where there are none. Workers that
 * begin together, or have been idle for equally long, look at different times.
 */
export class IdleReaper {
  readonly #w: Workspace
  readonly #stop: AbortSignal
  #dueAt = Date.now() + Math.random() * intervalSeconds * 1000
  #isBusy = false

  /** @param stop Aborts when the worker closes: a look that is under way ends after the letter that it is at, and nobody waits for it */
  constructor(w: Workspace, stop: AbortSignal) {
    this.#w = w
    this.#stop = stop
  }

  /** A long poll came back with nothing. Whatever goes wrong in what follows is told, and disturbs nobody. */
  idle(): void {
    if (this.#isBusy || this.#stop.aborted || Date.now() < this.#dueAt) return
    this.#isBusy = true
    void this.#look().finally(() => (this.#isBusy = false))
  }

  async #look(): Promise<void> {
    this.#dueAt = Date.now() + (0.5 + Math.random()) * intervalSeconds * 1000
    try {
      await reapDead(this.#w, { signal: this.#stop })
    } catch (error) {
      if (!this.#stop.aborted) this.#w.report(this.#explained(error))
    }
  }

  /** What will not be otherwise in five minutes is not tried again. */
  #explained(error: unknown): unknown {
    if (!hasCode(error, 'ACCESS_DENIED') && !hasCode(error, 'NOT_FOUND')) return error
    this.#dueAt = Number.POSITIVE_INFINITY
    return new RemoteJobError(
      error.code,
      `This worker does not look after dead letters, and will not try again: ${error.message}. Grant it what its policy lists, or say \`reap: false\``,
      { cause: error },
    )
  }
}
