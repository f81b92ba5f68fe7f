import type { JobDetails } from '../../lifecycle/inspect.ts'
import type { JobResult } from '../../lifecycle/job-result.ts'
import type { StoredObject } from '../../lifecycle/stored-object.ts'

/** The words of jobd's README. */
export type JobdStatus = 'Pending' | 'Processing' | 'Partial' | 'Completed' | 'Failed'

/** The name of what a zip's worker hands back. */
export const outputName = 'output.zip'

/** A job as jobd shows it, without what it took and gave. */
export interface JobObject {
  readonly LastUpdated: string
  readonly ID: string
  readonly Status: JobdStatus
  readonly Message: string
  readonly SlurmID: number
  readonly Slurml: boolean
}

/** What Slurml has said of a job so far. */
export interface SlurmlState {
  readonly slurmId: number
  readonly partial: StoredObject | undefined
}

/** A job, and what Slurml said of it where it is Slurml's. */
export function jobObject(job: JobDetails, slurml: SlurmlState | undefined, isSlurml: boolean): JobObject {
  const { result, active, submittedAt } = job
  return {
    LastUpdated: (result?.finishedAt ?? active?.startedAt ?? submittedAt ?? new Date()).toISOString(),
    ID: job.id,
    Status: statusOf(job, slurml),
    Message: result ? messageOf(result) : '',
    SlurmID: slurml?.slurmId ?? 0,
    Slurml: isSlurml,
  }
}

function statusOf({ status }: JobDetails, slurml: SlurmlState | undefined): JobdStatus {
  switch (status) {
    case 'pending':
    case 'active':
      if (slurml?.partial) return 'Partial'
      return status === 'pending' ? 'Pending' : 'Processing'
    case 'completed':
      return 'Completed'
    case 'failed':
    case 'cancelled':
    case 'expired':
      return 'Failed'
    default:
      return status satisfies never
  }
}

/** jobd's own words, where it has some. */
function messageOf({ status, error }: JobResult): string {
  if (status === 'completed') return 'job finished successfully'
  if (status === 'cancelled') return 'the job was cancelled'
  if (status === 'expired') return 'the job was not started in time'
  const [, exitCode] = /^ContainerExitedCode(\d+)$/.exec(error?.code ?? '') ?? []
  if (exitCode !== undefined) return `could not finish the job, error: exit status ${exitCode}`
  return error?.message ?? 'no reason was recorded'
}
