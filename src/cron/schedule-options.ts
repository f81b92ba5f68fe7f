import { randomBytes } from 'node:crypto'
import { RemoteJobError } from '../errors.ts'
import { letGo, readData } from '../lifecycle/store.ts'
import { checkInteger, checkJobOptions, checkOneOf, type JobOptions } from '../options.ts'
import { show } from '../protocol/names.ts'
import { isScheduleName } from '../protocol/schedule-keys.ts'
import { type Missed, missedPolicies, type ScheduleRecord } from '../protocol/schedules.ts'

/** What is submitted at each tick: metadata, and beside it a body. */
export interface TickJob {
  /** At most 64 KiB. @default nothing */
  readonly body?: string | Uint8Array | undefined
  /** Metadata, of 64 KiB of JSON at most. */
  readonly [member: string]: unknown
}

/** What `submit` is asked for beside the job; `expiresSeconds` counts from the tick. */
export type TickOptions = Pick<JobOptions, 'attempts' | 'timeoutSeconds' | 'expiresSeconds' | 'group'>

/** What a schedule can be told anew. */
export interface ScheduleChanges {
  /**
   * Minute, hour, day of month, month and day of week, with `*`, lists, ranges and steps; names such as `MON` and `JAN`, and 7 for
   * Sunday. When both days are given either is enough.
   */
  readonly cron?: string | undefined
  /** An IANA time zone, such as `Europe/Zurich`. @default 'UTC' */
  readonly timeZone?: string | undefined
  /**
   * What becomes of ticks that no scheduler could send within ten minutes, because none ran, say: `skip` leaves them out, `once` makes
   * one job for all of them, `all` makes every one.
   * @default 'once'
   */
  readonly missed?: Missed | undefined
  /** @default a job without metadata and body */
  readonly job?: TickJob | undefined
  /** @default as `submit` has it */
  readonly options?: TickOptions | undefined
}

/** A schedule to be. */
export interface ScheduleRequest extends ScheduleChanges {
  /** 1 to 63 lower-case letters, digits, `-` and `_`, with a letter or digit at both ends. */
  readonly name: string
  readonly cron: string
}

/** What a record says that its user chose. */
export type Chosen = Omit<ScheduleRecord, 'v' | 'uid' | 'from' | 'createdAt' | 'updatedAt'>

const maxBytes = 64 * 1024

/** @throws RemoteJobError `INVALID_ARGUMENT` */
export function checkScheduleName(name: unknown): asserts name is string {
  if (isScheduleName(name)) return
  throw new RemoteJobError(
    'INVALID_ARGUMENT',
    `Expected a schedule's \`name\` to be 1 to 63 lower-case letters, digits, "-" and "_", with a letter or digit at both ends, got ${show(name)}`,
  )
}

/**
 * What was asked for, checked; the expression and the time zone are left to `ticksOf`.
 * @throws RemoteJobError `INVALID_ARGUMENT`
 */
export function chosenFrom({ name, cron, timeZone, missed, job, options }: ScheduleRequest): Chosen {
  checkScheduleName(name)
  checkTimeZone(timeZone)
  checkOneOf('missed', missed, missedPolicies)
  return { name, cron, timeZone: timeZone ?? 'UTC', missed: missed ?? 'once', ...jobFrom(job), ...optionsFrom(options) }
}

/**
 * The same with changes: a job and options that are given replace the former ones as a whole.
 * @throws RemoteJobError `INVALID_ARGUMENT`
 */
export function changedFrom(record: ScheduleRecord, changes: ScheduleChanges): Chosen {
  const { cron = record.cron, timeZone = record.timeZone, missed = record.missed, job, options } = changes
  checkTimeZone(timeZone)
  checkOneOf('missed', missed, missedPolicies)
  const { name, metadata, filename, contentType, input } = record
  const { attempts, timeoutSeconds, expiresSeconds, group } = record
  return {
    name,
    cron,
    timeZone,
    missed,
    ...(job === undefined ? { metadata, filename, contentType, input } : jobFrom(job)),
    ...(options === undefined ? { attempts, timeoutSeconds, expiresSeconds, group } : optionsFrom(options)),
  }
}

/** What tells this version of a schedule's times from all others. */
export const newScheduleUid = (): string => randomBytes(8).toString('hex')

/** Any that this machine's `Intl` knows. */
function checkTimeZone(timeZone: unknown = 'UTC'): void {
  try {
    if (typeof timeZone === 'string' && new Intl.DateTimeFormat('en', { timeZone })) return
  } catch {
    // Said below.
  }
  throw new RemoteJobError(
    'INVALID_ARGUMENT',
    `Expected \`timeZone\` to be a name such as "Europe/Zurich" or "UTC", got ${show(timeZone)}`,
  )
}

function jobFrom(job: TickJob = {}): Pick<Chosen, 'metadata' | 'filename' | 'contentType' | 'input'> {
  const { key, content, ...description } = readData(job)
  const data = content?.data
  if (data !== undefined && !(data instanceof Uint8Array)) {
    letGo(content)
    throw tooMuch('body', 'a text or bytes: a stream can be read once, and a schedule has it again and again')
  }
  if (key !== undefined) throw tooMuch('key', 'left out: say in the metadata which object is meant')
  checkInteger('job.body.length', data?.byteLength, 0, maxBytes)
  checkInteger('job.metadata.length', Buffer.byteLength(JSON.stringify(description.metadata)), 0, maxBytes)
  return { ...description, input: data && Buffer.from(data).toString('base64') }
}

function tooMuch(member: string, expected: string): RemoteJobError {
  return new RemoteJobError('INVALID_ARGUMENT', `Expected \`job.${member}\` to be ${expected}`)
}

function optionsFrom(options: TickOptions = {}): TickOptions {
  const { attempts, timeoutSeconds, expiresSeconds, group } = options
  const chosen = { attempts, timeoutSeconds, expiresSeconds, group }
  checkJobOptions(chosen)
  return chosen
}
