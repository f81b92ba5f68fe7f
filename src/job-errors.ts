import { RemoteJobError } from './errors.ts'
import type { FinalStatus } from './protocol/record.ts'

/** An outcome came second, most often another worker's: the job has a fate already, and nothing of this one is kept. */
export class JobAlreadySettledError extends RemoteJobError {
  override readonly name = 'JobAlreadySettledError'
  readonly jobId: string
  /** The fate that stands. */
  readonly status: FinalStatus

  constructor(jobId: string, status: FinalStatus) {
    super('ALREADY_SETTLED', `Job "${jobId}" is ${status} already; this outcome was discarded`)
    this.jobId = jobId
    this.status = status
  }
}

/** A job was cancelled before it completed. */
export class JobCancelledError extends RemoteJobError {
  override readonly name = 'JobCancelledError'
  readonly jobId: string

  constructor(jobId: string) {
    super('JOB_CANCELLED', `Job "${jobId}" was cancelled`)
    this.jobId = jobId
  }
}
