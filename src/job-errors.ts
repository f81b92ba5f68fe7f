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
/** Thrown by a handler: trying again would not help, so the job fails at once. */
export class UnrecoverableError extends Error {
  override readonly name: string = 'UnrecoverableError'
}

/** Thrown by a handler: try again, but not before so many seconds. */
export class RetryAfterError extends Error {
  override readonly name: string = 'RetryAfterError'
  /** Seconds until the next try; from 0 to 900. */
  readonly seconds: number

  constructor(seconds: number, message = `Try again in ${seconds} seconds`, options?: { cause?: unknown }) {
    super(message, options)
    this.seconds = seconds
  }
}
