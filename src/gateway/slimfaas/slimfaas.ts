import { forEachOf } from '../../for-each-of.ts'
import { planJobs, storeJob } from '../../runs/stored/apply-jobs.ts'
import { planSchedules, storeSchedule } from '../../runs/vocabularies/slimfaas-schedules.ts'
import type { SlimFaasConfiguration } from '../../runs/vocabularies/slimfaas.ts'
import type { House } from '../house.ts'
import type { OpenQueue } from '../open-queues.ts'
import { Problem } from '../problem.ts'
import type { JobRuns } from './job-runs.ts'
import type { JobStatus } from './jobs-status.ts'
import { OneAtATime } from './one-at-a-time.ts'

/** The queue that SlimFaas's routes work on. Its stored jobs that come from a configuration of SlimFaas are what they offer. */
export class SlimFaas {
  readonly queue: string
  /** Aborts when the gateway closes. */
  readonly closing: AbortSignal
  /** Lists of a job's runs, by its name. */
  readonly lists = new OneAtATime<JobRuns>()
  readonly statuses = new OneAtATime<readonly JobStatus[]>()
  readonly #house: House
  #applied: Promise<void> | undefined

  constructor(house: House) {
    this.#house = house
    this.queue = house.options.runsQueue ?? 'runs'
    this.closing = house.closing
  }

  /**
   * The queue, once the configuration that the gateway was given is stored there.
   * @throws Problem 503 while it cannot be stored, and what `OpenQueues.get` throws
   */
  async open(): Promise<OpenQueue> {
    try {
      await this.ready()
    } catch (error) {
      this.#house.report(error)
      const detail =
        'The configuration of the jobs is not stored yet: try again, or whoever runs the gateway can look up why'
      throw new Problem(503, detail, { headers: { 'Retry-After': '5' }, cause: error })
    }
    return this.#house.queues.get(this.queue)
  }

  /**
   * Stores the configuration that the gateway was given, as `remotejob apply` does, if it was not stored before; what fails is tried
   * again by the next who asks.
   * @throws RemoteJobError
   */
  ready(): Promise<void> {
    const { slimFaas } = this.#house.options
    if (!slimFaas) return Promise.resolve()
    this.#applied ??= this.#apply(slimFaas).catch((error: unknown) => {
      this.#applied = undefined
      throw error
    })
    return this.#applied
  }

  async #apply({ definitions, schedules: wanted }: SlimFaasConfiguration): Promise<void> {
    const { runs, schedules } = await this.#house.queues.provide(this.queue)
    const jobs = await planJobs(runs.jobs, definitions)
    const scheduled = definitions.map(({ name }) => name)
    const changes = await planSchedules(schedules, { schedules: wanted, scheduled })
    // What a job refers to may come later: then a run that starts before it says so.
    await forEachOf(jobs, 10, (job) => storeJob(runs.jobs, job, { force: true }))
    await forEachOf(changes, 10, (change) => storeSchedule({ runs, schedules }, change))
  }
}
