import { hash } from 'node:crypto'
import type { JobDetails } from '../../lifecycle/inspect.ts'
import { orAbort } from '../../lifecycle/or-abort.ts'
import { pause } from '../../pause.ts'
import type { Queue } from '../../queue.ts'

/** One look at a job. */
export interface Look {
  /** `undefined` when there is no such job. */
  readonly job: JobDetails | undefined
  /** Whether there can be more to see than at the look before. */
  readonly isNews: boolean
}

/** Seconds between two looks: at a job that is worked on, and at one that waits, at first and in the end. */
const pauses = { active: 1, first: 0.5, longest: 5 } as const
/** Looks a second, at most, at all that is watched: each is some requests, and a thousand people who wait for work shall not be more work. */
const looksPerSecond = 50

/**
 * Looks at jobs for all who want to see how they go: however many watch one job, it is looked at once, and less and less often while
 * nothing happens.
 */
export class Looks {
  readonly #watched = new Map<string, Watched>()

  /** Every look, beginning with one of its own, until the job has ended, is not there, or the signal aborts. */
  async *of(queue: Queue, id: string, signal: AbortSignal): AsyncGenerator<Look, void, undefined> {
    const key = `${queue.name}/${id}`
    const watched = this.#watched.get(key) ?? new Watched(queue, id, () => this.#watched.size / looksPerSecond)
    this.#watched.set(key, watched)
    watched.join()
    try {
      for (let first = true; ; first = false) {
        const look = await orAbort(first ? watched.now() : watched.next(), signal)
        yield first ? { ...look, isNews: true } : look
        if (!look.job || isEnded(look.job)) return
      }
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      if (watched.leave()) this.#watched.delete(key)
    }
  }
}

/** Whether nothing more can happen to a job. */
export function isEnded({ status }: JobDetails): boolean {
  return status !== 'pending' && status !== 'active'
}

/** One job that somebody watches. */
class Watched {
  readonly #queue: Queue
  readonly #id: string
  readonly #left = new AbortController()
  #watchers = 0
  #coming: Promise<Look> | undefined
  #quietLooks = 0
  #seen: string | undefined
  #pause = 0
  readonly #shortest: () => number

  /** @param shortest the least pause, in seconds, with all that is watched now */
  constructor(queue: Queue, id: string, shortest: () => number) {
    this.#queue = queue
    this.#id = id
    this.#shortest = shortest
  }

  join(): void {
    this.#watchers += 1
  }

  /** Whether that was the last one, so that nobody looks any more. */
  leave(): boolean {
    this.#watchers -= 1
    if (this.#watchers > 0) return false
    this.#left.abort()
    return true
  }

  /** A look of its own: whoever comes does not wait for the others' next one. */
  async now(): Promise<Look> {
    return { job: await this.#queue.inspect(this.#id, { signal: this.#left.signal }), isNews: true }
  }

  /** The next look of all. */
  next(): Promise<Look> {
    this.#coming ??= this.#look().finally(() => {
      this.#coming = undefined
    })
    return this.#coming
  }

  async #look(): Promise<Look> {
    await pause(Math.max(this.#pause || pauses.first, this.#shortest()), this.#left.signal)
    const job = await this.#queue.inspect(this.#id, { signal: this.#left.signal })
    const { input: _, result: __, ...plain } = job ?? {}
    const seen = hash('sha256', JSON.stringify(plain), 'hex')
    const isNews = seen !== this.#seen || job?.status === 'active'
    this.#quietLooks = isNews ? 0 : this.#quietLooks + 1
    this.#seen = seen
    const quiet = Math.min(pauses.longest, pauses.first * 1.5 ** this.#quietLooks)
    this.#pause = job?.status === 'active' ? pauses.active : quiet
    return { job, isNews }
  }
}
