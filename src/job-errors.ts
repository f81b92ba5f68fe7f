import { RemoteJobError } from './errors.ts'
import type { FinalStatus, RecordedError } from './protocol/record.ts'

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

/** A job failed: its `cause` is the worker's error, its `result` what the worker handed back all the same (a log, say). */
export class JobFailedError<Result = unknown> extends RemoteJobError {
  override readonly name = 'JobFailedError'
  readonly jobId: string
  readonly result: Result

  constructor(jobId: string, error: RecordedError | undefined, result: Result) {
    super('JOB_FAILED', `Job "${jobId}" failed: ${error?.message ?? 'no reason was recorded'}`, { cause: error && causeFrom(error) })
    this.jobId = jobId
    this.result = result
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

/** The worker's error, as far as it travelled. */
function causeFrom({ name, message, code, stack }: RecordedError): Error {
  const error = new Error(message)
  error.name = name
  if (stack !== undefined) error.stack = stack
  return code === undefined ? error : Object.assign(error, { code })
}
