import type { JsonObject } from '../../protocol/json.ts'
import type { JobDefinition } from '../definition/job-definition.ts'
import { writeDefinition } from './code-engine-job.ts'

/** Where an index of a run is. */
export interface WrittenIndex {
  readonly index: number
  readonly status: 'pending' | 'running' | 'succeeded' | 'failed'
  readonly retries: number
  readonly lastFailureReason: string | undefined
  readonly startedAt?: Date | undefined
  readonly finishedAt?: Date | undefined
}

/** Where a run is, with what is run. */
export interface WrittenRun {
  readonly name: string
  readonly jobName: string
  readonly definition: JobDefinition
  readonly status: 'pending' | 'running' | 'completed' | 'failed'
  readonly submittedAt: Date
  readonly finishedAt?: Date | undefined
  readonly indexes: readonly WrittenIndex[]
  /** Indexes, as `2-4,6-8`; empty for none. */
  readonly pending: string
  readonly running: string
  readonly succeeded: string
  readonly failed: string
}

/** A run as Code Engine's API shows it. Every instance is pending from the submission on, so none is ever only requested. */
export function writeJobRun(run: WrittenRun): JsonObject {
  const { name, jobName, definition, status, submittedAt } = run
  return {
    name,
    job_name: jobName,
    resource_type: 'job_run_v2',
    created_at: submittedAt.toISOString(),
    ...writeDefinition(definition),
    status,
    status_details: statusDetails(run),
  }
}

function statusDetails({ indexes, finishedAt, ...run }: WrittenRun): JsonObject {
  const begun = indexes.flatMap(({ startedAt }) => startedAt?.getTime() ?? [])
  const startTime = begun.length > 0 ? new Date(Math.min(...begun)) : undefined
  return {
    ...(startTime && { start_time: startTime.toISOString() }),
    ...(finishedAt && { completion_time: finishedAt.toISOString() }),
    requested: 0,
    ...counted(indexes, 'pending', run.pending),
    ...counted(indexes, 'running', run.running),
    ...counted(indexes, 'succeeded', run.succeeded),
    ...counted(indexes, 'failed', run.failed),
    unknown: 0,
    indices_details: Object.fromEntries(indexes.map((one) => [String(one.index), indexDetails(one)])),
  }
}

function counted(indexes: readonly WrittenIndex[], wanted: WrittenIndex['status'], list: string): JsonObject {
  const count = indexes.filter(({ status }) => status === wanted).length
  return { [wanted]: count, ...(count > 0 ? { [`${wanted}_indices`]: list } : {}) }
}

function indexDetails({ status, retries, lastFailureReason, startedAt, finishedAt }: WrittenIndex): JsonObject {
  return {
    status,
    retries,
    ...(lastFailureReason === undefined ? {} : { last_failure_reason: lastFailureReason }),
    ...(startedAt && { started_at: startedAt.toISOString() }),
    ...(finishedAt && { finished_at: finishedAt.toISOString() }),
  }
}
