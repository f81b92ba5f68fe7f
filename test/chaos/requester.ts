import { setTimeout as delay } from 'node:timers/promises'
import { isJsonObject } from '../../src/protocol/json.ts'
import { hasCode } from '../../src/errors.ts'
import { JobFailedError, type JobHandle, type JobResult, type Queue } from '../../src/index.ts'
import type { Random } from './random.ts'
import { bytesOf, drawTask, type Task } from './task.ts'

/** What a requester was told of a job's end: all of it, or of one without a result, its status. */
export interface ToldEnd {
  readonly id: string
  readonly status: string
  readonly result: JobResult | undefined
}

/** Submits jobs, waits for all, and looks closely at what comes back. */
export class Requester {
  readonly #queue: Queue<Task>
  readonly #random: Random
  readonly ends: ToldEnd[] = []
  readonly misdeeds: string[] = []
  /** Jobs whose `submit` resolved. */
  readonly submitted = new Set<string>()
  readonly counts = { refused: 0, retried: 0, 'failed for good': 0, cancelled: 0 }
  #n = 0

  constructor(queue: Queue<Task>, random: Random) {
    this.#queue = queue
    this.#random = random
  }

  /** Does so until `jobs` were submitted or it is `until`, with so many under way at a time; resolves when all of them have ended. */
  async run({ jobs, until, endBy }: { jobs: number; until: number; endBy: number }): Promise<void> {
    const lane = async (): Promise<void> => {
      while (this.#n < jobs && Date.now() < until) await this.#one((this.#n += 1), endBy)
    }
    await Promise.all(Array.from({ length: 100 }, lane))
  }

  async #one(n: number, endBy: number): Promise<void> {
    const task = drawTask(n, this.#random)
    const id = this.#random.next() < 0.1 ? `job-${n}` : undefined
    const handle = await this.#submit(task, id)
    if (!handle) return
    this.submitted.add(handle.id)
    const isCancelled = task.kind === 'cancelled' && (await this.#cancel(handle))
    const end = await this.#await(handle, endBy)
    if (!end) return
    this.ends.push(end)
    if (isCancelled && end.status !== 'cancelled')
      this.misdeeds.push(`job ${handle.id} was cancelled, and is ${end.status}`)
    if (end.result) await this.#check(task, end.result)
  }

  /** One that failed promised nothing; with an id of our own it can be done again. */
  async #submit(task: Task, id: string | undefined): Promise<JobHandle | undefined> {
    const body = bytesOf(`input ${task.n}`, task.inputBytes)
    try {
      return await this.#queue.submit({ ...task, body }, { id })
    } catch (error) {
      if (!hasCode(error, 'UNAVAILABLE')) throw error
      this.counts.refused += 1
      return id === undefined ? undefined : this.#submit(task, id)
    }
  }

  async #cancel(handle: JobHandle): Promise<boolean> {
    await delay(this.#random.between(0, 1000))
    const isCancelled = await this.#persist(() => handle.cancel())
    if (isCancelled) this.counts.cancelled += 1
    return isCancelled
  }

  async #await(handle: JobHandle, endBy: number): Promise<ToldEnd | undefined> {
    const { id } = handle
    try {
      const result = await this.#persist(() =>
        handle.result({ timeoutSeconds: Math.max(0, endBy - Date.now()) / 1000 }),
      )
      return { id, status: 'completed', result }
    } catch (error) {
      if (error instanceof JobFailedError) return { id, status: 'failed', result: error.result }
      if (hasCode(error, 'JOB_CANCELLED')) return { id, status: 'cancelled', result: undefined }
      if (!hasCode(error, 'TIMED_OUT')) throw error
      this.misdeeds.push(`job ${id} had no end in time: it is lost`)
      return undefined
    }
  }

  /** Everything in a result is of one run of the handler. */
  async #check({ n, kind }: Task, { id, status, value, attempt, assets }: JobResult): Promise<void> {
    if (status === 'failed') {
      this.counts['failed for good'] += 1
      return
    }
    if (kind === 'hopeless') this.misdeeds.push(`job ${id} completed, which cannot be`)
    const token = isJsonObject(value) ? value['token'] : undefined
    if (!isJsonObject(value) || value['n'] !== n || value['attempt'] !== attempt || typeof token !== 'string') {
      return void this.misdeeds.push(`job ${id} has the value of another: ${JSON.stringify(value)}`)
    }
    if (Object.keys(assets).join() !== (kind === 'large' ? 'small,large' : 'small'))
      this.misdeeds.push(`job ${id} has not its assets`)
    const small = await assets['small']?.text()
    if (small !== `${n} ${token}`) this.misdeeds.push(`job ${id} has the small asset of another attempt: ${small}`)
    if (kind !== 'large') return
    const large = await this.#persist(async () => assets['large']?.bytes())
    if (!large?.equals(bytesOf(token, 100_000))) this.misdeeds.push(`job ${id} has the large asset of another attempt`)
  }

  /** As requesters do: what did not work because of the weather is tried again. */
  async #persist<Answer>(act: () => Promise<Answer>): Promise<Answer> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await act()
      } catch (error) {
        if (!hasCode(error, 'UNAVAILABLE') || tries === 10) throw error
        this.counts.retried += 1
      }
    }
  }
}
