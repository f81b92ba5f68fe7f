import type { Cancellable } from './backend.ts'
import { cancel } from './lifecycle/cancel.ts'
import { expectCompleted } from './lifecycle/expect-completed.ts'
import type { JobResult } from './lifecycle/job-result.ts'
import { type JobStatus, status } from './lifecycle/status.ts'
import type { Ticket } from './lifecycle/send.ts'
import { waitForRecord, type WaitOptions } from './lifecycle/wait.ts'
import type { Workspace } from './lifecycle/workspace.ts'
import { checkSeconds } from './options.ts'

/** A job as its requester sees it. */
export class JobHandle {
  readonly id: string
  /** The key of its input below the queue's prefix. */
  readonly key: string
  readonly #w: Workspace

  constructor(w: Workspace, { id, key }: Ticket) {
    this.id = id
    this.key = key
    this.#w = w
  }

  /** Where the job is now. */
  async status(options?: Cancellable): Promise<JobStatus | undefined> {
    return status(this.#w, this.id, options)
  }

  /**
   * What the job handed back, as soon as it has ended.
   * @throws JobFailedError, JobCancelledError, or RemoteJobError `JOB_EXPIRED`, `TIMED_OUT`, `LOST`
   */
  async result(options: WaitOptions = {}): Promise<JobResult> {
    checkSeconds('timeoutSeconds', options.timeoutSeconds)
    return expectCompleted(this.#w, await waitForRecord(this.#w, this.id, options, true))
  }

  /** Ends the job unless it has ended: true is a promise that it will never complete. */
  async cancel(options?: Cancellable): Promise<boolean> {
    return cancel(this.#w, this.id, options)
  }
}
