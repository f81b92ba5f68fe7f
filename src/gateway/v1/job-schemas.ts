import { z } from '@hono/zod-openapi'
import { Problem } from '../problem.ts'
import { finalStatuses } from '../../protocol/record.ts'
import { AnyJson, GivenInstant, Instant, JsonMembers } from './describe.ts'

/** A queue in a path. */
export const QueueParameters = z.object({
  queue: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,75}$/, 'expected a queue\'s name: 1 to 75 letters, digits, "-" and "_"')
    .openapi({ param: { name: 'queue', in: 'path' }, example: 'thumbs' }),
})

/** The form of a job's id. */
export const JobId = z
  .string()
  .regex(/^(?!.*\.\.)(?!\.$)[A-Za-z0-9._-]{1,128}$/, 'expected a job\'s id: 1 to 128 letters, digits, ".", "_" and "-"')

/** A job in a path. */
export const JobParameters = QueueParameters.extend({
  id: JobId.openapi({ param: { name: 'id', in: 'path' } }),
})

/** An asset in a path. */
export const AssetParameters = JobParameters.extend({
  name: z
    .string()
    .min(1)
    .max(512)
    .openapi({ param: { name: 'name', in: 'path' }, description: 'Percent-encoded, "/" included', example: 'output' }),
})

export const JobStatus = z.enum(['pending', 'active', ...finalStatuses]).openapi('JobStatus')

/** What can be read, and where. */
export const File = z
  .object({
    name: z.string(),
    size: z.int().openapi({ description: 'Bytes' }),
    filename: z.string().optional(),
    contentType: z.string().optional(),
    href: z.string().openapi({ description: 'Where its bytes are: a path of the same host' }),
  })
  .openapi('File')

export const WorkerError = z
  .object({ name: z.string(), message: z.string(), code: z.string().optional() })
  .openapi('WorkerError')

export const Result = z
  .object({
    id: z.string(),
    status: z.enum(finalStatuses),
    attempt: z.int().openapi({ description: 'The attempt that ended it; 0 when none ran' }),
    value: AnyJson.optional(),
    error: WorkerError.optional(),
    startedAt: Instant.optional(),
    finishedAt: Instant,
    assets: z.array(File),
  })
  .openapi('Result')

export const JobEvent = z
  .object({
    kind: z.enum(['started', 'failed', 'released', 'resent']),
    at: Instant,
    delivery: z.int(),
    error: WorkerError.optional(),
  })
  .openapi('JobEvent')

export const Job = z
  .object({
    id: z.string(),
    queue: z.string(),
    status: JobStatus,
    metadata: JsonMembers,
    input: File.optional(),
    submittedAt: Instant.optional(),
    runAt: Instant.optional(),
    expiresAt: Instant.optional(),
    attempts: z.int().optional().openapi({ description: 'How often it may be tried' }),
    timeoutSeconds: z.number().optional(),
    group: z.string().optional(),
    retryOf: z.string().optional().openapi({ description: 'The job that it tries again' }),
    active: z
      .object({ attempt: z.int(), startedAt: Instant, progress: AnyJson.optional() })
      .optional()
      .openapi({ description: 'Of a job in the hands of a worker' }),
    events: z.array(JobEvent).openapi({ description: 'What happened to its tries, the oldest first' }),
    result: Result.optional(),
  })
  .openapi('Job')

export const JobCreated = z
  .object({ id: z.string(), queue: z.string(), href: z.string().openapi({ description: 'Where the job is' }) })
  .openapi('JobCreated')

export const JobSummary = z
  .object({ id: z.string(), status: JobStatus, submittedAt: Instant, finishedAt: Instant.optional() })
  .openapi('JobSummary')

export const JobPage = z
  .object({
    jobs: z.array(JobSummary),
    next: z.string().optional().openapi({ description: 'The cursor of the next page; there is none at the end' }),
  })
  .openapi('JobPage')

const seconds = (most: number, least = 1) => z.coerce.number().int().min(least).max(most).optional()

/** What a requester may ask for beside the job's data, in a query. */
export const JobOptionsQuery = z.strictObject({
  id: JobId.optional().openapi({ description: 'An id of your own: asking twice makes one job' }),
  attempts: seconds(1000),
  timeoutSeconds: seconds(31_536_000),
  delaySeconds: seconds(31_536_000, 0),
  runAt: GivenInstant.optional(),
  expiresSeconds: seconds(31_536_000),
  group: z
    .string()
    .regex(/^[\x21-\x7e]{1,128}$/, 'expected 1 to 128 printable ASCII characters')
    .optional(),
})

/** How long to wait for an end. */
export const WaitQuery = z.strictObject({
  wait: seconds(60, 0).openapi({ description: 'Seconds to wait for the end, from 0 to 60', example: 20 }),
})

/**
 * `key` and `body` are no metadata to the library.
 * @throws Problem 400
 */
export function checkMetadata(metadata: Readonly<Record<string, unknown>>): void {
  const taken = ['key', 'body'].find((name) => Object.hasOwn(metadata, name))
  if (taken === undefined) return
  const detail = `metadata.${taken}: this name is the library's own; choose another`
  throw new Problem(400, detail, { code: 'INVALID_ARGUMENT' })
}
