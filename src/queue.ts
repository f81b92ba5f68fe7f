import type { Cancellable } from './backend.ts'
import { Crew } from './crew.ts'
import { Job } from './job.ts'
import { type DeadLetter, deadLetters } from './lifecycle/dead-letters.ts'
import type { Held, JobHooks } from './lifecycle/held.ts'
import { Intake } from './lifecycle/intake.ts'
import { queueNameOf } from './lifecycle/open.ts'
import { Opening } from './lifecycle/opening.ts'
import { orAbort } from './lifecycle/or-abort.ts'
import type { TakeOptions } from './lifecycle/poll.ts'
import { type Reaped, type ReapOptions, reap } from './lifecycle/reap.ts'
import { type Redriven, type RedriveOptions, redrive } from './lifecycle/redrive.ts'
import { type QueueOptions, type Settings, settingsFrom } from './lifecycle/settings.ts'
import type { Workspace } from './lifecycle/workspace.ts'
import { checkSeconds } from './options.ts'
import { Requester } from './requester.ts'
import { Scheduler, type SchedulerOptions } from './scheduler.ts'
import { type JobSource, source, Worker } from './worker.ts'
import type { Handler, WorkerOptions } from './worker-options.ts'

/**
 * A remote job queue. Requesters `submit`, workers take jobs from `next` or `jobs`. Nothing is read or written, and no client is
 * made, before the first call that needs it (or `ready`).
 */
export class Queue<Metadata = Record<string, unknown>, Input = Metadata>
  extends Requester<Metadata, Input>
  implements AsyncDisposable
{
  readonly name: string
  readonly #settings: Settings
  readonly #opening: Opening<Metadata, Input>
  readonly #intake = new Intake()
  readonly #crew = new Crew()
  #closing: Promise<void> | undefined

  /** @throws RemoteJobError `INVALID_ARGUMENT` for a name or option that cannot be */
  constructor(name: string, options: QueueOptions<Metadata, Input> = {}) {
    const settings = settingsFrom(name, options)
    const opening = new Opening(settings, options)
    super(settings, opening)
    this.#settings = settings
    this.#opening = opening
    this.name = name
  }

  /**
   * Makes the bucket and queues that are missing, or finds them; every other call does it by itself. After a failure all calls that
   * waited reject with its cause, and the next call tries again.
   * @throws RemoteJobError `NO_CREDENTIALS`, `ACCESS_DENIED`, `BUCKET_TAKEN`, `WRONG_REGION`, `NOT_FOUND`, `UNAVAILABLE`, `CONDITIONAL_WRITES_IGNORED`
   */
  async ready(): Promise<void> {
    await (await this.#open()).mailbox?.address()
  }

  /** The next job of that status, as soon as there is one. */
  async next(status?: string, options?: Cancellable & { readonly waitSeconds?: undefined }): Promise<Job<Metadata>>
  /** The next job of that status, or `undefined` when none came within `waitSeconds`. */
  async next(status: string | undefined, options: TakeOptions): Promise<Job<Metadata> | undefined>
  async next(status = 'pending', options: TakeOptions = {}): Promise<Job<Metadata> | undefined> {
    checkSeconds('waitSeconds', options.waitSeconds)
    queueNameOf(this.#settings, status)
    options.signal?.throwIfAborted()
    return orAbort(this.#next(status, options), options.signal, (job) => job?.release({ counted: false }))
  }

  async #next(status: string, options: TakeOptions): Promise<Job<Metadata> | undefined> {
    const w = await this.#open(options)
    const held = await this.#intake.next(w, status, options)
    return held && this.#jobOf(w, held)
  }

  /** Jobs of that status, one at a time, until the signal aborts; then the iteration ends. */
  async *jobs(status = 'pending', { signal }: Cancellable = {}): AsyncGenerator<Job<Metadata>, void, undefined> {
    while (!signal?.aborted) {
      try {
        yield await this.next(status, { signal })
      } catch (error) {
        if (signal?.aborted && error === signal.reason) return
        throw error
      }
    }
  }

  /**
   * Runs a handler on every job, several at a time, until the worker is closed: leases are renewed, what the handler returns becomes
   * the result, what it throws is tried again.
   */
  work(handler: Handler<Metadata>, options?: WorkerOptions): Worker<Metadata> {
    return this.#work(this, handler, options)
  }

  #work(from: JobSource<Metadata>, handler: Handler<Metadata>, options?: WorkerOptions): Worker<Metadata> {
    queueNameOf(this.#settings, options?.status ?? 'pending')
    return this.#crew.join(new Worker(from, handler, options))
  }

  /**
   * Sends jobs whose time has come and makes those of schedules, as a worker with `scheduler: true` does beside its work, until it or
   * the queue is closed.
   */
  startScheduler(options: SchedulerOptions = {}): Scheduler {
    return this.#crew.join(new Scheduler({ name: this.name, open: () => this.#open() }, options))
  }

  /** What a worker needs of its queue. */
  get [source](): JobSource<Metadata>[typeof source] {
    return {
      name: this.name,
      open: () => this.#open(),
      jobOf: (w, held, hooks) => this.#jobOf(w, held, hooks),
      work: (from, handler, options) => this.#work(from, handler, options),
    }
  }

  /** What is in the dead-letter queue, and why; all of it stays there. */
  async *deadLetters(options?: Cancellable): AsyncGenerator<DeadLetter, void, undefined> {
    yield* deadLetters(await this.#open(options), options)
  }

  /** Brings chosen dead letters back, each as a new job with a new id; the old one ends as failed. */
  async redrive(options: RedriveOptions): Promise<readonly Redriven[]> {
    return redrive(await this.#open(options), options)
  }

  /** Gives an end, or another chance, to jobs that fell out of the usual way: worn out, lost, or never announced. */
  async reap(options: ReapOptions = {}): Promise<Reaped> {
    return reap(await this.#open(options), options)
  }

  /** Lets go of everything: calls that wait for jobs reject with `CLOSED`, the long poll that is out ends, then the backend closes. */
  async close(): Promise<void> {
    await (this.#closing ??= this.#close())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(): Promise<void> {
    await this.#crew.close()
    await this.#opening.end()
    await this.#intake.close()
    await this.#opening.close()
  }

  #open(options?: Cancellable): Promise<Workspace> {
    return this.#opening.open(options)
  }

  /** Without a schema the type of the metadata is the user's own word for it. */
  #jobOf(w: Workspace, held: Held, hooks?: JobHooks): Job<Metadata> {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- said above
    return new Job(w, held, held.metadata as Metadata, hooks)
  }
}
