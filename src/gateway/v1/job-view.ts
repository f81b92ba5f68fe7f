import type { z } from '@hono/zod-openapi'
import type { JobDetails } from '../../lifecycle/inspect.ts'
import type { JobResult } from '../../lifecycle/job-result.ts'
import type { StoredObject } from '../../lifecycle/stored-object.ts'
import type { RecordedError } from '../../protocol/record.ts'
import type { House } from '../house.ts'
import type { File, Job, Result, WorkerError } from './job-schemas.ts'

/** Where a job is. */
export function jobPath(queue: string, id: string): string {
  return `/v1/queues/${queue}/jobs/${id}`
}

/** A job as its callers see it. */
export function jobView(queue: string, job: JobDetails, at: House['at']): z.infer<typeof Job> {
  const { id, status, metadata, input, active, events, result, ...asked } = job
  const { submittedAt, runAt, expiresAt, attempts, timeoutSeconds, group, retryOf } = asked
  return {
    id,
    queue,
    status,
    metadata: { ...metadata },
    input: input && fileView('input', input, at(`${jobPath(queue, id)}/input`)),
    submittedAt: submittedAt?.toISOString(),
    runAt: runAt?.toISOString(),
    expiresAt: expiresAt?.toISOString(),
    attempts,
    timeoutSeconds,
    group,
    retryOf,
    active: active && { ...active, startedAt: active.startedAt.toISOString() },
    events: events.map(({ kind, at, delivery, error }) => ({
      kind,
      delivery,
      at: at.toISOString(),
      error: error && errorView(error),
    })),
    result: result && resultView(queue, result, at),
  }
}

/** How a job ended, as its callers see it. */
export function resultView(queue: string, result: JobResult, at: House['at']): z.infer<typeof Result> {
  const { id, status, attempt, value, error, startedAt, finishedAt, assets } = result
  return {
    id,
    status,
    attempt,
    value,
    error: error && errorView(error),
    startedAt: startedAt?.toISOString(),
    finishedAt: finishedAt.toISOString(),
    assets: Object.entries(assets).map(([name, asset]) =>
      fileView(name, asset, at(`${jobPath(queue, id)}/assets/${encodeURIComponent(name)}`)),
    ),
  }
}

function fileView(name: string, object: StoredObject, href: string): z.infer<typeof File> {
  const { size, filename, contentType } = object
  return { name, size, filename, contentType, href }
}

/** The stack stays inside: it tells of the worker's machine. */
function errorView({ name, message, code }: RecordedError): z.infer<typeof WorkerError> {
  return { name, message, code }
}
