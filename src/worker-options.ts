import { RemoteJobError } from './errors.ts'
import type { WorkerEvent } from './instrument.ts'
import type { Job } from './job.ts'
import { type Backoff, type BackoffFunction, checkBackoff } from './lifecycle/backoff.ts'
import { checkLimit, type Limit } from './lifecycle/limiter.ts'
import type { Assets, Returned } from './lifecycle/outcome.ts'
import { checkBoolean, checkInteger, checkSeconds, maxLeaseSeconds } from './options.ts'
import type { JsonObject } from './protocol/json.ts'

/** The user's function: what it returns becomes the job's result, what it throws is tried again. */
export type Handler<Metadata> = (
  job: Job<Metadata>,
  context: { readonly signal: AbortSignal },
) => Handed | Promise<Handed>

/** What a handler can hand back: files, or `{ value, assets }`, or nothing. */
export type Handed = Assets | Returned | null | undefined | void

/** A job that a worker has not taken yet. */
export interface Offer {
  readonly id: string
  /** As the requester sent it: no schema has seen it. */
  readonly metadata: JsonObject
}

/** How a worker works; every member has a default. */
export interface WorkerOptions {
  /** The queue to take jobs from. @default 'pending' */
  readonly status?: string | undefined
  /** Jobs at the same time, from 1. @default 10 */
  readonly concurrency?: number | undefined
  /** Whole seconds from 3 to 43200 after which the job of a worker that died is given to another. @default the queue's */
  readonly leaseSeconds?: number | undefined
  /** Most seconds that a handler may take when the requester said nothing; a whole number from 1. @default no limit */
  readonly timeoutSeconds?: number | undefined
  /**
   * Seconds, up to 3600, that a handler has to end after its `signal` was aborted; then it is left to itself, and what it returns is
   * discarded. `close` waits so much longer for it.
   * @default 1
   */
  readonly graceSeconds?: number | undefined
  /** How long a failed job waits for its next try. @default { baseSeconds: 1, maxSeconds: 900, jitter: 'full' } */
  readonly backoff?: Backoff | BackoffFunction | undefined
  /** Tries of a job whose message says nothing of them (those of others do), from 1 to 1000. @default the queue's */
  readonly attempts?: number | undefined
  /** Most jobs that this worker starts in a span of time. @default no limit */
  readonly limiter?: Limit | undefined
  /** Takes one job, and ends with it. @default false */
  readonly once?: boolean | undefined
  /** Ends when the queue has been empty for one long poll (20 seconds) and nothing runs. @default false */
  readonly drain?: boolean | undefined
  /** Whether a worker of `pending` that has nothing to do looks after dead letters, about every five minutes, as `queue.reap` does with them. @default true */
  readonly reap?: boolean | undefined
  /** Whether it also sends jobs whose time has come (`runAt`, `delaySeconds` above 900) and makes those of schedules: two LIST a minute. @default false */
  readonly scheduler?: boolean | undefined
  /**
   * Whether this worker takes a job. One that it does not is offered to all again after a quarter of its age, from 1 second to 5
   * minutes, at no cost of an attempt. Where it throws, the job comes back with its lease.
   * @default it takes all
   */
  readonly accepts?: ((offer: Offer) => boolean | Promise<boolean>) | undefined
  /** Closes the worker when it aborts. */
  readonly signal?: AbortSignal | undefined
  /** Is told all that happens, as the diagnostics channels are. What it throws becomes an uncaught exception. */
  readonly onEvent?: ((event: WorkerEvent) => void) | undefined
}

/** The same, checked and complete. */
export interface WorkerSettings extends WorkerOptions {
  readonly status: string
  readonly concurrency: number
  readonly graceSeconds: number
  readonly reap: boolean
  readonly backoff: Backoff | BackoffFunction
}

/** @throws RemoteJobError `INVALID_ARGUMENT` that names the option, its range and the value got */
export function workerSettings(options: WorkerOptions): WorkerSettings {
  if (options.status === 'completed' || options.status === 'failed') {
    throw new RemoteJobError(
      'INVALID_ARGUMENT',
      `Jobs in "${options.status}" are finished: take them with next() or jobs(), and acknowledge() them`,
    )
  }
  checkInteger('concurrency', options.concurrency, 1, 10_000)
  checkInteger('leaseSeconds', options.leaseSeconds, 3, maxLeaseSeconds)
  checkInteger('timeoutSeconds', options.timeoutSeconds, 1, 31_536_000)
  checkInteger('attempts', options.attempts, 1, 1000)
  checkSeconds('graceSeconds', options.graceSeconds, 3600)
  checkBoolean('reap', options.reap)
  checkBoolean('scheduler', options.scheduler)
  checkFunction('accepts', options.accepts)
  checkBackoff(options.backoff)
  checkLimit(options.limiter)
  checkFunction('onEvent', options.onEvent)
  return {
    ...options,
    status: options.status ?? 'pending',
    concurrency: options.concurrency ?? 10,
    graceSeconds: options.graceSeconds ?? 1,
    reap: options.reap ?? true,
    backoff: options.backoff ?? {},
  }
}

function checkFunction(name: string, value: unknown): void {
  if (value === undefined || typeof value === 'function') return
  throw new RemoteJobError('INVALID_ARGUMENT', `Expected \`${name}\` to be a function`)
}
