import type { Cancellable } from '../../backend.ts'
import type { Job } from '../../job.ts'
import type { Returned } from '../../lifecycle/outcome.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import { type JobSource, source } from '../../worker.ts'
import type { Jobs } from '../stored/jobs.ts'
import type { EventJobId } from './event-jobs.ts'
import { makeEventRun } from './make-event-run.ts'
import { readNotification } from './read-notification.ts'
import { SharedLoad } from './shared-load.ts'
import type { Subscriptions } from './subscriptions.ts'

/** What a worker of runs does with events of objects. */
export class EventRuns {
  readonly #subscriptions: Subscriptions
  readonly #jobs: Pick<Jobs, 'get'>
  /** A notification is for the subscriptions that were there when it came, or came to be since: never for fewer. */
  readonly #known: SharedLoad<Awaited<ReturnType<Subscriptions['read']>>>

  constructor(subscriptions: Subscriptions, jobs: Pick<Jobs, 'get'>) {
    this.#subscriptions = subscriptions
    this.#jobs = jobs
    this.#known = new SharedLoad(() => subscriptions.read())
  }

  /** The runs' queue, in which S3's notifications are events. */
  reading<Metadata>({ [source]: from }: JobSource<Metadata>): JobSource<Metadata> {
    const open = async (): Promise<Workspace> => {
      const w = await from.open()
      return { ...w, readNotification: (delivery) => readNotification(w, delivery, () => this.#known.load()) }
    }
    return { [source]: { ...from, open } }
  }

  /** Makes the run of an event; the job's result says which it is. */
  async run(job: Job, id: EventJobId, w: Workspace, { signal }: Cancellable): Promise<Returned | undefined> {
    const context = { w, subscriptions: this.#subscriptions, jobs: this.#jobs, signal }
    const run = await makeEventRun(job, id, context)
    return run === undefined ? undefined : { value: { run } }
  }
}
