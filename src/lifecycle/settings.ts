import { RemoteJobError } from '../errors.ts'
import type { Backend, Place } from '../backend.ts'
import type { AwsOptions } from '../aws/options.ts'
import type { MetadataSchema } from '../metadata-schema.ts'
import { checkInteger, checkOneOf, maxLeaseSeconds } from '../options.ts'
import { checkKey } from '../protocol/keys.ts'
import {
  bucketName,
  checkBucketName,
  checkQueueName,
  checkRepliesFit,
  checkStatuses,
  deadLetterQueueName,
  show,
  statusQueueName,
} from '../protocol/names.ts'
import { expiriesOf } from '../protocol/retention.ts'
import type { Records } from './workspace.ts'

/** What a `Queue` can be told; every member has a default. */
export interface QueueOptions<Metadata, Input> extends AwsOptions {
  /** Bucket for inputs, results and assets. @default `remotejobs-<name>` */
  readonly bucket?: string | undefined
  /** Folder inside the bucket that all keys go below, so that queues may share one. @default none */
  readonly prefix?: string | undefined
  /** The queues that are made, `<name>-<status>` each. Finished jobs are announced on `completed` and `failed` when they are among them. @default ['pending', 'completed', 'failed'] */
  readonly statuses?: readonly string[] | undefined
  /** What is written down: `all` (status, cancel, list), `results` (fewer requests), or `none` (fewest). @default 'all' */
  readonly records?: Records | undefined
  /** Whole seconds from 3 to 43200 that a job stays with a worker that gives no sign. @default 30 */
  readonly leaseSeconds?: number | undefined
  /** How often a job is tried that says nothing else, from 1 to 1000. @default 3 */
  readonly attempts?: number | undefined
  /**
   * Results at once: this requester has a private queue, `<name>-reply-<uuid>`, on which workers tell it of its jobs' ends. It is made
   * by `ready` or with the first job, and goes with `close`. Costs a tenth of a request a job. Names are of 37 characters at most then.
   * @default false
   */
  readonly replies?: boolean | undefined
  /** `auto` makes the bucket and queues that are missing, `never` expects them to be there. @default 'auto' */
  readonly provision?: 'auto' | 'never' | undefined
  /**
   * Whole days from 15 to 36500 after which inputs, assets, stored bodies and history go, counted from when the job could first be taken;
   * results go 30 days later. The bucket is told when it is provisioned.
   * @default nothing goes by itself
   */
  readonly retentionDays?: number | undefined
  /** A Standard Schema (zod, valibot, arktype …) that checks and types the metadata, at the requester's and at the worker's end. */
  readonly metadata?: MetadataSchema<Input, Metadata> | undefined
  /** Where objects and messages are kept. @default S3 and SQS; with `REMOTEJOB_LOCAL=<directory>` in the environment, that directory */
  readonly backend?: Backend | undefined
}

/** The same, checked and complete. */
export interface Settings {
  readonly name: string
  readonly place: Place
  /** Empty, or ending in `/`. */
  readonly prefix: string
  readonly statuses: readonly string[]
  readonly records: Records
  readonly leaseSeconds: number
  readonly attempts: number
  readonly replies: boolean
  readonly retentionDays: number | undefined
}

const defaults = {
  statuses: ['pending', 'completed', 'failed'],
  records: 'all',
  leaseSeconds: 30,
  attempts: 3,
  provision: 'auto',
} as const

/** @throws RemoteJobError `INVALID_ARGUMENT` that names the option, its range and the value got */
export function settingsFrom<Metadata, Input>(name: string, options: QueueOptions<Metadata, Input>): Settings {
  checkOptions(name, options)
  const { statuses = defaults.statuses, records = defaults.records } = options
  const { leaseSeconds = defaults.leaseSeconds, attempts = defaults.attempts, provision = defaults.provision } = options
  const prefix = prefixFrom(options.prefix)
  const queues = new Map(statuses.map((status) => [status, statusQueueName(name, status)]))
  return {
    name,
    statuses,
    records,
    leaseSeconds,
    attempts,
    replies: options.replies ?? false,
    retentionDays: options.retentionDays,
    prefix,
    place: {
      bucket: options.bucket ?? bucketName(name),
      queues,
      pendingQueue: queues.get('pending'),
      deadLetterQueue: deadLetterQueueName(name),
      // Crashes and lost answers use receives up without using attempts up, so the limit is well above them.
      maxReceives: Math.min(1000, Math.max(10, 3 * attempts)),
      leaseSeconds,
      provision,
      expiries: options.retentionDays === undefined ? undefined : expiriesOf(prefix, options.retentionDays),
    },
  }
}

function checkOptions<Metadata, Input>(name: string, options: QueueOptions<Metadata, Input>): void {
  checkQueueName(name, options.bucket)
  if (options.bucket !== undefined) checkBucketName(options.bucket)
  check('statuses', options.statuses, Array.isArray, 'an array of names')
  checkStatuses(name, options.statuses ?? defaults.statuses)
  checkOneOf('records', options.records, ['all', 'results', 'none'])
  check('replies', options.replies, (value) => typeof value === 'boolean', 'true or false')
  if (options.replies) checkRepliesFit(name)
  checkOneOf('provision', options.provision, ['auto', 'never'])
  checkInteger('leaseSeconds', options.leaseSeconds, 3, maxLeaseSeconds)
  checkInteger('attempts', options.attempts, 1, 1000)
  // A message lives for 14 days, and must find its input.
  checkInteger('retentionDays', options.retentionDays, 15, 36_500)
  check('metadata', options.metadata, isSchema, 'a Standard Schema (zod, valibot, arktype …)')
  check('backend', options.backend, isBackend, 'a backend such as localBackend({ directory })')
}

function check(name: string, value: unknown, fits: (value: unknown) => boolean, expected: string): void {
  if (value === undefined || fits(value)) return
  throw new RemoteJobError('INVALID_ARGUMENT', `Expected \`${name}\` to be ${expected}, got ${show(value)}`)
}

/** Some schemas are functions. */
function isSchema(value: unknown): boolean {
  return (typeof value === 'object' || typeof value === 'function') && value !== null && '~standard' in value
}

function isBackend(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'open' in value && typeof value.open === 'function'
}

function prefixFrom(prefix: string | undefined): string {
  if (prefix === undefined || prefix === '') return ''
  checkKey(prefix, 'prefix')
  if (Buffer.byteLength(prefix) > 127)
    throw new RemoteJobError('INVALID_ARGUMENT', 'Expected `prefix` to be at most 127 bytes of UTF-8')
  return prefix.endsWith('/') ? prefix : `${prefix}/`
}
