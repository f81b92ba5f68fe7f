import { hasCode } from '../../errors.ts'
import type { JobDetails } from '../../lifecycle/inspect.ts'
import type { JobOptions } from '../../options.ts'
import { isId } from '../../protocol/id.ts'
import type { Queue } from '../../queue.ts'
import type { House } from '../house.ts'
import { Problem } from '../problem.ts'
import { noteJob } from './forget-jobs.ts'
import { type JobdSettings, jobdSettings, slurmlQueue } from './jobd-options.ts'

/** The queues that stand in for jobd's directory of records. */
export class Jobd {
  readonly house: House
  readonly settings: JobdSettings

  /** @throws RemoteJobError `INVALID_ARGUMENT` */
  constructor(house: House) {
    this.house = house
    this.settings = jobdSettings(house.options.jobd)
  }

  /** The queue of zips. */
  async zips(): Promise<Queue> {
    return (await this.house.queues.provide(this.settings.queue)).queue
  }

  /** The queue of jobs that are Slurml's, where they may be. */
  async slurml(): Promise<Queue | undefined> {
    return this.settings.slurml && (await this.house.queues.provide(slurmlQueue(this.settings.queue))).queue
  }

  /**
   * Makes a job of a zip that is stored, and resolves its id.
   * @throws Problem 400 for an id that another job has
   */
  async submit(key: string, { slurml, ...options }: JobOptions & { readonly slurml: boolean }): Promise<string> {
    const [zips, others] = await Promise.all([this.zips(), this.slurml()])
    if (slurml && !others) throw new Problem(400, 'error validating job this gateway hands no jobs to Slurml')
    const other = slurml ? zips : others
    const isTaken = options.id !== undefined && (await other?.status(options.id, options)) !== undefined
    if (isTaken) throw new Problem(400, 'job already exists')
    try {
      const [queue, job] = slurml && others ? ([others, { input: key }] as const) : ([zips, { key }] as const)
      const { id } = await queue.submit(job, options)
      await this.#note(queue, id)
      return id
    } catch (error) {
      throw hasCode(error, 'ID_IN_USE') ? new Problem(400, 'job already exists', { cause: error }) : error
    }
  }

  /** The job is on its way, whatever becomes of its note. */
  async #note(queue: Queue, id: string): Promise<void> {
    await noteJob(queue, id).catch((error: unknown) => this.house.report(error))
  }

  /** A job, and whether it is Slurml's; `undefined` of one that there is not, or whose end was too long ago. */
  async find(id: string, signal: AbortSignal): Promise<Found | undefined> {
    if (!isId(id)) return undefined
    const zips = await this.zips()
    const job = await zips.inspect(id, { signal })
    if (job) return this.#isKept(job) ? { job, queue: zips, isSlurml: false } : undefined
    const slurml = await this.slurml()
    const other = await slurml?.inspect(id, { signal })
    return slurml && other && this.#isKept(other) ? { job: other, queue: slurml, isSlurml: true } : undefined
  }

  #isKept({ status, result }: JobDetails): boolean {
    if (result) return Date.now() - result.finishedAt.getTime() <= this.settings.keepSeconds * 1000
    // What has ended and has no result any more is over.
    return status === 'pending' || status === 'active'
  }
}

/** A job that was found. */
export interface Found {
  readonly job: JobDetails
  readonly queue: Queue
  readonly isSlurml: boolean
}
