import type { Queue } from '../../queue.ts'
import { type JobsPage, readJobs } from './jobs.ts'

/** Milliseconds after which all is read again: jobs with ids of their requesters' own come in no order. */
const freshTime = 30_000
const first = { status: undefined, after: undefined }

/**
 * A queue's newest jobs, for who looks every few seconds. An end never changes, so a look costs a listing of what is new and the
 * status of each job without an end; all is read again when something has changed.
 */
export class RecentJobs {
  readonly #queue: Queue
  #page: JobsPage | undefined
  #readAt = 0

  constructor(queue: Queue) {
    this.#queue = queue
  }

  async look(signal: AbortSignal): Promise<JobsPage> {
    const page = this.#page
    if (page && Date.now() - this.#readAt < freshTime && !(await this.#isChanged(page, signal))) return page
    this.#page = await readJobs(this.#queue, first, signal)
    this.#readAt = Date.now()
    return this.#page
  }

  async #isChanged({ shown }: JobsPage, signal: AbortSignal): Promise<boolean> {
    const known = new Set(shown.map(({ id }) => id))
    const since = shown[0]?.submittedAt
    for await (const { id } of this.#queue.list({ since, limit: 2, signal })) if (!known.has(id)) return true
    const open = shown.filter(({ status }) => status === 'pending' || status === 'active')
    const now = await Promise.all(open.map(({ id }) => this.#queue.status(id, { signal })))
    return open.some(({ status }, index) => status !== now[index])
  }
}
