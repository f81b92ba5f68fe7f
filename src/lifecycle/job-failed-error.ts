import { RemoteJobError } from '../errors.ts'
import type { RecordedError } from '../protocol/record.ts'
import type { JobResult } from './job-result.ts'

/** A job failed: its `cause` is the worker's error, its `result` what the worker handed back all the same (a log, say). */
export class JobFailedError extends RemoteJobError {
  override readonly name = 'JobFailedError'
  readonly jobId: string
  readonly result: JobResult

  constructor(jobId: string, error: RecordedError | undefined, result: JobResult) {
    super('JOB_FAILED', `Job "${jobId}" failed: ${error?.message ?? 'no reason was recorded'}`, {
      cause: error && causeFrom(error),
    })
    this.jobId = jobId
    this.result = result
  }
}

/** The worker's error, as far as it travelled. */
export function causeFrom({ name, message, code, stack }: RecordedError): Error {
  const error = new Error(message)
  error.name = name
  if (stack !== undefined) error.stack = stack
  return code === undefined ? error : Object.assign(error, { code })
}
