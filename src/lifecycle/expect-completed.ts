import { RemoteJobError } from '../errors.ts'
import { JobCancelledError } from '../job-errors.ts'
import type { ResultRecord } from '../protocol/record.ts'
import { JobFailedError } from './job-failed-error.ts'
import { describeEnd, type JobResult } from './job-result.ts'
import type { Workspace } from './workspace.ts'

/**
 * A completed job's result.
 * @throws JobFailedError, JobCancelledError, or RemoteJobError `JOB_EXPIRED`
 */
export function expectCompleted(w: Workspace, record: ResultRecord): JobResult {
  const { id, status, error } = record
  switch (status) {
    case 'completed':
      return describeEnd(w, record)
    case 'failed':
      throw new JobFailedError(id, error, describeEnd(w, record))
    case 'cancelled':
      throw new JobCancelledError(id)
    case 'expired':
      throw new RemoteJobError('JOB_EXPIRED', `Job "${id}" expired: no worker started it in time`)
    default:
      return status satisfies never
  }
}
