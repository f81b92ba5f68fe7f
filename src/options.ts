import { RemoteJobError } from './errors.ts'
import { checkOwnId } from './protocol/id.ts'
import { show } from './protocol/names.ts'

/** When a job may be taken. */
export interface Timing {
  /**
   * Whole seconds until a worker can get the job, from 0 to 31536000 (a year). Above 900 a scheduler has to run: a worker with
   * `scheduler: true`, `queue.startScheduler()`, or `remotejob work`.
   * @default 0
   */
  readonly delaySeconds?: number | undefined
  /** The same as an instant, at most a year from now; one that has passed means at once. Only one of the two can be given. @default at once */
  readonly runAt?: Date | undefined
}

/** What a requester may ask for beside the job's data. */
export interface JobOptions extends Timing {
  /**
   * An id of the caller's own, so that asking twice makes one job: 1 to 128 letters, digits, `.`, `_` or `-`.
   * The same id with other metadata or options is refused with `ID_IN_USE`.
   * @default a new UUIDv7
   */
  readonly id?: string | undefined
  /** A job that no worker has started this many seconds after its submission ends as `expired`; a whole number from 1. @default never */
  readonly expiresSeconds?: number | undefined
  /** Tenant: SQS serves the tenants of a queue fairly (its `MessageGroupId`); 1 to 128 printable ASCII characters. */
  readonly group?: string | undefined
  /** How often the job may be tried, from 1 to 1000. @default the queue's `attempts` */
  readonly attempts?: number | undefined
  /** Most seconds that one attempt may take, a whole number from 1; a worker enforces it. @default no limit */
  readonly timeoutSeconds?: number | undefined
  /** Ends the call early with `signal.reason`; nothing is announced then, unless the job was on its way already. */
  readonly signal?: AbortSignal | undefined
}

/** Longest time that SQS keeps a message invisible or delays it: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
export const maxLeaseSeconds = 43_200
export const maxDelaySeconds = 900
const maxSeconds = 31_536_000

/** @throws RemoteJobError `INVALID_ARGUMENT` that names the option, its range and the value got */
export function checkJobOptions(options: JobOptions): void {
  if (options.id !== undefined) checkOwnId(options.id)
  checkTiming(options)
  checkInteger('expiresSeconds', options.expiresSeconds, 1, maxSeconds)
  checkInteger('attempts', options.attempts, 1, 1000)
  checkInteger('timeoutSeconds', options.timeoutSeconds, 1, maxSeconds)
  checkGroup(options.group)
  checkExpiry(options)
}

/** @throws RemoteJobError `INVALID_ARGUMENT` that names the option, its range and the value got */
export function checkTiming({ delaySeconds, runAt }: Timing): void {
  checkInteger('delaySeconds', delaySeconds, 0, maxSeconds)
  if (runAt === undefined) return
  if (!(runAt instanceof Date) || Number.isNaN(runAt.getTime()) || runAt.getTime() > Date.now() + maxSeconds * 1000)
    throw new RemoteJobError(
      'INVALID_ARGUMENT',
      `Expected \`runAt\` to be a valid Date, at most a year from now, got ${show(runAt)}`,
    )
  if (delaySeconds !== undefined)
    throw new RemoteJobError('INVALID_ARGUMENT', 'Expected one of `delaySeconds` and `runAt`, got both')
}

/** A job must be able to start before it expires. */
function checkExpiry({ delaySeconds = 0, runAt, expiresSeconds }: JobOptions): void {
  if (expiresSeconds === undefined) return
  const left = runAt ? (runAt.getTime() - Date.now()) / 1000 : delaySeconds
  if (expiresSeconds > left) return
  const [name, got] = runAt ? ['runAt', runAt.toISOString()] : ['delaySeconds', delaySeconds]
  throw new RemoteJobError(
    'INVALID_ARGUMENT',
    `Expected \`expiresSeconds\` to be more than \`${name}\`, or nobody could start the job in time, got ${expiresSeconds} and ${got}`,
  )
}

/** @throws RemoteJobError `INVALID_ARGUMENT` unless `value` is undefined or a whole number within the range */
export function checkInteger(name: string, value: unknown, least: number, most: number): void {
  if (value === undefined) return
  if (Number.isInteger(value) && Number(value) >= least && Number(value) <= most) return
  throw new RemoteJobError(
    'INVALID_ARGUMENT',
    `Expected \`${name}\` to be an integer from ${least} to ${most}, got ${show(value)}`,
  )
}

/** @throws RemoteJobError `INVALID_ARGUMENT` unless `value` is undefined or a number of seconds from 0 */
export function checkSeconds(name: string, value: unknown, most = Number.POSITIVE_INFINITY): void {
  if (value === undefined || (typeof value === 'number' && value >= 0 && value <= most)) return
  throw new RemoteJobError(
    'INVALID_ARGUMENT',
    `Expected \`${name}\` to be a number of seconds from 0${most < Infinity ? ` to ${most}` : ''}, got ${show(value)}`,
  )
}

/**
 * A text such as `'false'`, from an environment say, would otherwise mean the opposite.
 * @throws RemoteJobError `INVALID_ARGUMENT` unless `value` is undefined, true or false
 */
export function checkBoolean(name: string, value: unknown): void {
  if (value === undefined || typeof value === 'boolean') return
  throw new RemoteJobError('INVALID_ARGUMENT', `Expected \`${name}\` to be true or false, got ${show(value)}`)
}

/** @throws RemoteJobError `INVALID_ARGUMENT` unless `value` is undefined or one of `known` */
export function checkOneOf(name: string, value: unknown, known: readonly string[]): void {
  if (value === undefined || known.some((one) => one === value)) return
  throw new RemoteJobError(
    'INVALID_ARGUMENT',
    `Expected \`${name}\` to be one of ${known.map(show).join(', ')}, got ${show(value)}`,
  )
}

/** SQS's rule for a MessageGroupId. */
function checkGroup(group: unknown): void {
  if (group === undefined || (typeof group === 'string' && /^[\x21-\x7e]{1,128}$/.test(group))) return
  throw new RemoteJobError(
    'INVALID_ARGUMENT',
    `Expected \`group\` to be 1 to 128 printable ASCII characters, got ${show(group)}`,
  )
}
