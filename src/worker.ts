import { type Circumstances, conclude, giveUp } from './conclude.ts'
import { hasCode, RemoteJobError } from './errors.ts'
import { publish, type WorkerEvent } from './instrument.ts'
import { pause } from './pause.ts'
import type { Job } from './job.ts'
import { JobAlreadySettledError } from './job-errors.ts'
import { admit } from './lifecycle/admit.ts'
import { letGoOf } from './lifecycle/attachments.ts'
import { giveBack } from './lifecycle/give-back.ts'
import { Hands } from './lifecycle/hands.ts'
import type { Held, JobHooks } from './lifecycle/held.ts'
import { IdleReaper } from './lifecycle/idle-reaper.ts'
import { keepTime } from './lifecycle/keep-time.ts'
import { Limiter } from './lifecycle/limiter.ts'
import { perform, type Stored } from './lifecycle/perform.ts'
import { type Arrived, longestPollSeconds, Poll } from './lifecycle/poll.ts'
import type { Workspace } from './lifecycle/workspace.ts'
import { type Handed, type Handler, type WorkerOptions, type WorkerSettings, workerSettings } from './worker-options.ts'

/** Where a worker's jobs come from; a `Queue` is one. */
export interface JobSource<Metadata> {
  readonly [source]: {
    readonly name: string
    open(): Promise<Workspace>
    jobOf(w: Workspace, held: Held, hooks: JobHooks): Job<Metadata>
    /** A worker that takes its jobs from elsewhere, mostly from this very queue with a workspace of its own; the queue closes it. */
    work(from: JobSource<Metadata>, handler: Handler<Metadata>, options?: WorkerOptions): Worker<Metadata>
  }
}

/** Between a queue and its workers only. */
export const source: unique symbol = Symbol('remotejob.source')

/** Seconds that unfinished jobs have to be given back once their time is over; those that are not come back with their leases. */
const givingBackSeconds = 5

/** Most receives of one worker under way at once. */
const mostFeeders = 32

/**
 * Takes jobs and runs a handler on each, several at a time, until it is closed. Leases are renewed by themselves; a failed job is
 * tried again with a growing wait until its attempts are used up.
 */
export class Worker<Metadata = Record<string, unknown>> implements AsyncDisposable {
  /** Resolves when the worker has ended: closed, or with `once` and `drain` by itself. */
  readonly done: Promise<void>

  readonly #source: JobSource<Metadata>[typeof source]
  readonly #user: { handle(...given: Parameters<Handler<Metadata>>): ReturnType<Handler<Metadata>> }
  readonly #settings: WorkerSettings
  readonly #hands: Hands
  readonly #limiter: Limiter
  readonly #stop = new AbortController()
  readonly #abort = new AbortController()
  readonly #running = new Set<Promise<void>>()
  readonly #afterwards = new Set<Promise<void>>()
  #poll: Poll | undefined
  #lastFailure: unknown

  /** Begins to work at once. @throws RemoteJobError `INVALID_ARGUMENT` */
  constructor(queue: JobSource<Metadata>, handler: Handler<Metadata>, options: WorkerOptions = {}) {
    if (typeof handler !== 'function')
      throw new RemoteJobError('INVALID_ARGUMENT', 'Expected the handler to be a function')
    this.#settings = workerSettings(options)
    this.#source = queue[source]
    this.#user = { handle: handler }
    this.#hands = new Hands(this.#settings.once ? 1 : this.#settings.concurrency)
    this.#limiter = new Limiter(this.#settings.limiter)
    this.done = Promise.race([this.#work(), this.#overdue()])
    const { signal } = options
    const close = (): void => void this.close()
    if (signal?.aborted) close()
    signal?.addEventListener('abort', close, { once: true, signal: this.#stop.signal })
  }

  /**
   * Ends the worker: takes nothing more, lets the last poll and the running jobs finish, then aborts their `signal` and gives them
   * back without costing them an attempt.
   */
  async close({ timeoutSeconds = 30 }: { readonly timeoutSeconds?: number } = {}): Promise<void> {
    this.#stop.abort(new RemoteJobError('CLOSED', 'The worker is closing'))
    const timer = setTimeout(
      () => this.#abort.abort(new RemoteJobError('CLOSED', 'The worker closed before the job was done')),
      timeoutSeconds * 1000,
    )
    try {
      await this.done
    } finally {
      clearTimeout(timer)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #work(): Promise<void> {
    const w = await this.#open()
    if (w) {
      const { status, reap } = this.#settings
      const reaper = reap && status === 'pending' ? new IdleReaper(w, this.#stop.signal) : undefined
      this.#poll = new Poll(
        w.queue(status),
        w.leaseSeconds,
        ({ delivery }) => giveBack(w, status, delivery),
        () => reaper?.idle(),
      )
      if (this.#settings.scheduler) this.#later(keepTime(w, this.#stop.signal))
      const feeders = this.#settings.once ? 1 : Math.min(mostFeeders, Math.ceil(this.#settings.concurrency / 10))
      await Promise.all(Array.from({ length: feeders }, () => this.#feed(w)))
      this.#stop.abort()
      await Promise.all([this.#lastPoll(this.#poll), ...this.#running])
    }
    await Promise.all(this.#afterwards)
  }

  /** A server that does not answer keeps nobody from ending. */
  async #overdue(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const begin = (): void => void setTimeout(resolve, givingBackSeconds * 1000).unref()
    this.#abort.signal.addEventListener('abort', begin, { once: true })
    await promise
  }

  /** The poll that is out ends by itself, but keeps nobody longer than running jobs may. */
  async #lastPoll(poll: Poll): Promise<void> {
    if (this.#abort.signal.aborted) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#abort.signal.addEventListener('abort', () => resolve(), { once: true })
    await Promise.race([poll.close(), promise])
  }

  /** A queue that cannot be reached now may be later: a worker goes on trying, and says so. */
  async #open(): Promise<Workspace | undefined> {
    for (let failures = 1; !this.#stop.signal.aborted; failures += 1) {
      try {
        const w = await this.#source.open()
        const { attempts = w.attempts, leaseSeconds = w.leaseSeconds } = this.#settings
        return { ...w, attempts, leaseSeconds, report: (error) => this.#tell({ name: 'error', error }) }
      } catch (error) {
        await this.#pauseAfter(error, failures)
      }
    }
    return undefined
  }

  async #feed(w: Workspace): Promise<void> {
    for (let failures = 0; !this.#stop.signal.aborted;) {
      const hands = await this.#hands.claim(10, this.#stop.signal)
      const allowed = hands === 0 ? 0 : await this.#limiter.claim(hands, this.#stop.signal)
      this.#hands.release(hands - allowed)
      if (allowed === 0) continue
      const arrived = await this.#take(allowed, (error) => ((failures += 1), this.#pauseAfter(error, failures)))
      this.#hands.release(allowed - (arrived?.length ?? 0))
      this.#limiter.release(allowed - (arrived?.length ?? 0))
      if (!arrived) continue
      failures = 0
      for (const one of arrived) this.#start(w, one)
      if (arrived.length === 0 && (await this.#isDrained())) return
    }
  }

  /** Deliveries, or `undefined` when the receive failed (and a pause was made). */
  async #take(most: number, failed: (error: unknown) => Promise<void>): Promise<readonly Arrived[] | undefined> {
    const { drain } = this.#settings
    try {
      const waitSeconds = drain ? longestPollSeconds : undefined
      return await this.#poll?.take(most, { signal: this.#stop.signal, waitSeconds })
    } catch (error) {
      if (!this.#stop.signal.aborted) await failed(error)
      return undefined
    }
  }

  /** An empty queue is drained when nothing runs that could come back to it. */
  async #isDrained(): Promise<boolean> {
    if (!this.#settings.drain) return false
    if (this.#running.size === 0) return true
    await Promise.race(this.#running)
    return false
  }

  #start(w: Workspace, arrived: Arrived): void {
    const run = this.#run(w, arrived)
      .catch((error: unknown) => this.#tell({ name: 'error', error }))
      .finally(() => {
        this.#running.delete(run)
        this.#hands.release(1)
      })
    this.#running.add(run)
  }

  async #run(w: Workspace, { delivery, receivedAt, leaseSeconds }: Arrived): Promise<void> {
    const { status, accepts } = this.#settings
    const held = await admit(w, delivery, { status, receivedAt, leaseSeconds, accepts })
    if (!held) return
    const about = { jobId: held.message.id, attempt: held.attempt }
    this.#tell({ name: 'received', ...about })
    if (this.#settings.once) this.#stop.abort()
    await using job = this.#source.jobOf(w, held, this.#hooks(about))
    if (this.#abort.signal.aborted) return giveUp(job, this.#circumstances(0))
    job.hold(leaseSeconds)
    this.#tell({ name: 'started', ...about })
    const began = performance.now()
    const { timeoutSeconds = this.#settings.timeoutSeconds } = job
    const end = await perform((signal) => this.#perform(job, signal), {
      lost: job.signal,
      stop: this.#abort.signal,
      timeoutSeconds,
      graceSeconds: this.#settings.graceSeconds,
    })
    await conclude(job, end, this.#circumstances((performance.now() - began) / 1000))
  }

  /** The handler, and the storing of what it returned: a file that never ends is within the time allowed, too. */
  async #perform(job: Job<Metadata>, signal: AbortSignal): Promise<Stored> {
    const handed = await this.#user.handle(job, { signal })
    try {
      return await this.#store(job, handed, signal)
    } finally {
      await letGoOf(handed)
    }
  }

  async #store(job: Job<Metadata>, handed: Handed, signal: AbortSignal): Promise<Stored> {
    if (job.settled) return { kind: 'settled' }
    try {
      await job.complete(null, handed ?? null, { signal })
      return { kind: 'completed' }
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof JobAlreadySettledError) return { kind: 'superseded', error }
      // What cannot be stored because of itself is the handler's failure; all else is not.
      if (hasCode(error, 'BODY_FAILED') || hasCode(error, 'INVALID_ARGUMENT')) throw error
      return { kind: 'error', error }
    }
  }

  #circumstances(seconds: number): Circumstances {
    return { seconds, backoff: this.#settings.backoff, closing: this.#abort.signal, tell: (event) => this.#tell(event) }
  }

  #hooks(about: { readonly jobId: string; readonly attempt: number }): JobHooks {
    const heartbeat = (): void => this.#tell({ name: 'heartbeat', ...about })
    // A worker that is ending has nobody to share requests with.
    return this.#stop.signal.aborted ? { heartbeat } : { heartbeat, afterwards: (work) => this.#later(work) }
  }

  #later(work: Promise<void>): void {
    const settled = work
      .catch((error: unknown) => this.#tell({ name: 'error', error }))
      .finally(() => this.#afterwards.delete(settled))
    this.#afterwards.add(settled)
  }

  /** Nothing that goes wrong in a receive ends the worker: it is told (once, of however many waited for it), and tried again later. */
  async #pauseAfter(error: unknown, failures: number): Promise<void> {
    const delaySeconds = Math.min(30, 0.1 * 2 ** failures)
    if (error !== this.#lastFailure) this.#tell({ name: 'error', error, delaySeconds })
    this.#lastFailure = error
    await pause(delaySeconds, this.#stop.signal)
  }

  #tell(event: Omit<WorkerEvent, 'queue'>): void {
    const told: WorkerEvent = { queue: this.#source.name, ...event }
    publish(told)
    try {
      this.#settings.onEvent?.(told)
    } catch (error) {
      // As diagnostics channels do: a listener at fault is loud, and disturbs nobody's job.
      process.nextTick(() => {
        throw error
      })
    }
  }
}
