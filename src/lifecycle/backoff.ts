import { RemoteJobError } from '../errors.ts'
import { RetryAfterError } from '../job-errors.ts'
import { checkOneOf, checkSeconds, maxDelaySeconds } from '../options.ts'

/** How long a failed job waits for its next try. */
export interface Backoff {
  /** Seconds before the second try; each further one waits twice as long. @default 1 */
  readonly baseSeconds?: number | undefined
  /** Most seconds, up to SQS's 900. @default 900 */
  readonly maxSeconds?: number | undefined
  /** `full` draws from zero up to the wait, so that jobs that failed together do not come back together. @default 'full' */
  readonly jitter?: 'full' | 'none' | undefined
}

/** The same as a function: seconds before the next try, after the failed `attempt` (from 1). Fractions are rounded up. */
export type BackoffFunction = (attempt: number, error: unknown) => number

/** @throws RemoteJobError `INVALID_ARGUMENT` */
export function checkBackoff(backoff: Backoff | BackoffFunction | undefined): void {
  if (typeof backoff === 'function' || backoff === undefined) return
  checkSeconds('backoff.baseSeconds', backoff.baseSeconds)
  checkSeconds('backoff.maxSeconds', backoff.maxSeconds)
  checkOneOf('backoff.jitter', backoff.jitter, ['full', 'none'])
}

/** Whole seconds, as SQS counts them, until a job that failed is tried again. */
export function backoffSeconds(backoff: Backoff | BackoffFunction, attempt: number, error: unknown): number {
  const seconds = error instanceof RetryAfterError ? error.seconds : wanted(backoff, attempt, error)
  if (typeof seconds !== 'number' || Number.isNaN(seconds)) {
    throw new RemoteJobError(
      'INVALID_ARGUMENT',
      `Expected \`backoff\` to return a number of seconds, got ${String(seconds)}`,
    )
  }
  return Math.min(maxDelaySeconds, Math.max(0, Math.ceil(seconds)))
}

function wanted(backoff: Backoff | BackoffFunction, attempt: number, error: unknown): number {
  if (typeof backoff === 'function') return backoff(attempt, error)
  const { baseSeconds = 1, maxSeconds = maxDelaySeconds, jitter = 'full' } = backoff
  const wait = Math.min(maxSeconds, baseSeconds * 2 ** (attempt - 1))
  return jitter === 'full' ? Math.random() * wait : wait
}
