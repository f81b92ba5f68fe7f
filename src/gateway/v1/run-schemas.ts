import { z } from '@hono/zod-openapi'
import { Instant } from './describe.ts'

/** The form of the name of a job or a run. */
export const RunName = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?$/, 'expected 1 to 63 lower-case letters, digits, "-" and "_"')

export const RunParameters = z.object({ run: RunName.openapi({ param: { name: 'run', in: 'path' } }) })
export const DefinitionParameters = z.object({ name: RunName.openapi({ param: { name: 'name', in: 'path' } }) })

const Source = z.enum(['config map', 'secret'])

const EnvironmentEntry = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('literal'), name: z.string(), value: z.string() }),
    z.strictObject({ kind: z.literal('all'), from: Source, reference: z.string(), prefix: z.string() }),
    z.strictObject({ kind: z.literal('key'), from: Source, reference: z.string(), name: z.string(), key: z.string() }),
  ])
  .openapi('EnvironmentEntry')

const Mount = z.strictObject({ directory: z.string(), from: Source, name: z.string() }).openapi('Mount')

/** What a definition can have; the library says what of it can be. */
const members = {
  image: z.string(),
  command: z.array(z.string()),
  arguments: z.array(z.string()),
  environment: z.array(EnvironmentEntry),
  mounts: z.array(Mount),
  mode: z.enum(['task', 'daemon']),
  arrayIndexes: z.string().openapi({ example: '0,3,6-9' }),
  arraySizeOverride: z.int(),
  cpu: z.number(),
  memory: z.number().openapi({ description: 'Bytes' }),
  ephemeralStorage: z.number().openapi({ description: 'Bytes' }),
  retryLimit: z.int(),
  maxExecutionSeconds: z.int(),
  parallelism: z.int(),
  dependsOn: z.array(z.string()),
  visibility: z.enum(['public', 'private']),
  imagesWhitelist: z.array(z.string()),
  ttlSecondsAfterFinish: z.int(),
} as const

/** What is said of a definition; the rest is as it was, or by default. */
export const Overrides = z.strictObject(members).partial().openapi('Overrides')

export const NewDefinition = Overrides.extend({ name: z.string() }).openapi('NewDefinition')

export const Definition = z
  .object({ ...members, name: z.string() })
  .partial({ image: true, arraySizeOverride: true, parallelism: true })
  .openapi('Definition')

export const StoredDefinition = z
  .object({ name: z.string(), version: z.int(), updatedAt: Instant, definition: Definition })
  .openapi('StoredDefinition')

export const NewRun = Overrides.extend({
  job: z.string().optional().openapi({ description: 'The stored definition that is run' }),
  name: z.string().optional().openapi({ description: 'Without `job`: the name of a definition of its own' }),
  runName: z.string().optional(),
}).openapi('NewRun')

export const Resubmission = Overrides.extend({
  runName: z.string().optional(),
  failed: z.boolean().optional().openapi({ description: 'Only the indexes that failed' }),
}).openapi('Resubmission')

export const RunCreated = z.object({ name: z.string(), href: z.string() }).openapi('RunCreated')

const RunStatus = z.enum(['pending', 'running', 'completed', 'failed'])

const summary = {
  name: z.string(),
  jobName: z.string(),
  job: z.string().optional().openapi({ description: 'The stored definition that it was made from' }),
  status: RunStatus,
  submittedAt: Instant,
  finishedAt: Instant.optional(),
} as const

export const Run = z
  .object({
    ...summary,
    definition: Definition,
    pending: z.string().openapi({ description: 'Indexes, as 2-4,6-8' }),
    running: z.string(),
    succeeded: z.string(),
    failed: z.string(),
    indexes: z.array(
      z.object({
        index: z.int(),
        status: z.enum(['pending', 'running', 'succeeded', 'failed']),
        retries: z.int(),
        lastFailureReason: z.string().optional(),
        startedAt: Instant.optional(),
        finishedAt: Instant.optional(),
      }),
    ),
  })
  .openapi('Run')

export const RunPage = z
  .object({
    runs: z.array(z.object({ ...summary, counts: z.record(z.string(), z.int()) })),
    next: z.string().optional(),
  })
  .openapi('RunPage')

export const RunEvents = z
  .object({
    events: z.array(
      z.object({
        at: Instant,
        kind: z.string(),
        instance: z.string().optional(),
        index: z.int().optional(),
        reason: z.string().optional(),
      }),
    ),
  })
  .openapi('RunEvents')
