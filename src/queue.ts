import type { Cancellable } from './backend.ts'
import { Crew } from './crew.ts'
import { forEachOf } from './for-each-of.ts'
import { JobHandle } from './job-handle.ts'
import { blame, isPair, type JobInput, type SubmitManyOptions } from './job-input.ts'
import { Job } from './job.ts'
import { cancel } from './lifecycle/cancel.ts'
import { type DeadLetter, deadLetters } from './lifecycle/dead-letters.ts'
import type { Held, JobHooks } from './lifecycle/held.ts'
import { inspect, type JobDetails } from './lifecycle/inspect.ts'
import { Intake } from './lifecycle/intake.ts'
import { expectCompleted } from './lifecycle/expect-completed.ts'
import type { JobResult } from './lifecycle/job-result.ts'
import { type JobSummary, list, type ListJobsOptions } from './lifecycle/list.ts'
import { queueNameOf } from './lifecycle/open.ts'
import { Opening } from './lifecycle/opening.ts'
import { orAbort } from './lifecycle/or-abort.ts'
import type { TakeOptions } from './lifecycle/poll.ts'
import { type LogChunk, type LogsOptions, readLogs } from './lifecycle/read-logs.ts'
import { type Reaped, type ReapOptions, reap } from './lifecycle/reap.ts'
import { type Redriven, type RedriveOptions, redrive } from './lifecycle/redrive.ts'
import { remove, retrieve } from './lifecycle/retrieve.ts'
import { checkRetry, retry, type RetryOptions } from './lifecycle/retry.ts'
import { type QueueOptions, type Settings, settingsFrom } from './lifecycle/settings.ts'
import { type JobStatus, status } from './lifecycle/status.ts'
import { type JobData, letGo, readData, store } from './lifecycle/store.ts'
import type { StoredObject } from './lifecycle/stored-object.ts'
import { submit, trigger } from './lifecycle/submit.ts'
import { waitForRecord, type WaitOptions } from './lifecycle/wait.ts'
import type { Workspace } from './lifecycle/workspace.ts'
import { checkInteger, checkJobOptions, checkSeconds, type JobOptions } from './options.ts'
import { checkId } from './protocol/id.ts'
import type { JsonObject } from './protocol/json.ts'
import { checkKey, checkRemoveKey } from './protocol/keys.ts'
import { Scheduler, type SchedulerOptions } from './scheduler.ts'
import { type JobSource, source, Worker } from './worker.ts'
import type { Handler, WorkerOptions } from './worker-options.ts'

/**
 * A remote job queue. Requesters `submit`, workers take jobs from `next` or `jobs`. Nothing is read or written, and no client is
 * made, before the first call that needs it (or `ready`).
 */
export class Queue<Metadata = Record<string, unknown>, Input = Metadata> implements AsyncDisposable {
  readonly name: string
  readonly #settings: Settings
  readonly #opening: Opening<Metadata, Input>
  readonly #intake = new Intake()
  readonly #crew = new Crew()
  #closing: Promise<void> | undefined

  /** @throws RemoteJobError `INVALID_ARGUMENT` for a name or option that cannot be */
  constructor(name: string, options: QueueOptions<Metadata, Input> = {}) {
    this.#settings = settingsFrom(name, options)
    this.#opening = new Opening(this.#settings, options)
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

  /**
   * Sends a job. It resolves when the input is stored and the job announced; a body that fails half-way announces nothing.
   * @throws RemoteJobError `INVALID_ARGUMENT`, `BODY_FAILED`, `ID_IN_USE`, `NOT_FOUND`, and what `ready` throws
   */
  async submit(job: JobInput<Input>, options: JobOptions = {}): Promise<JobHandle> {
    return this.#withData(job, options, async (w, data) => new JobHandle(w, await submit(w, data, options)))
  }

  /**
   * Sends many jobs, several at a time so that they share requests; the handles come in the jobs' order. Each is a job, or a pair of a
   * job and its options. When one cannot be sent no more are begun, and the error says which; those before it are on their way.
   * @throws the same as `submit`
   */
  async submitMany(
    jobs: readonly (JobInput<Input> | readonly [JobInput<Input>, JobOptions])[],
    { concurrency = 50, signal }: SubmitManyOptions = {},
  ): Promise<JobHandle[]> {
    checkInteger('concurrency', concurrency, 1, 10_000)
    return forEachOf(jobs, concurrency, (given, index) => {
      const [job, options = {}] = isPair(given) ? given : [given]
      return this.submit(job, { signal, ...options }).catch((error: unknown) => blame(index, error))
    })
  }

  /** Keeps a body and what is said of it, and resolves its key, for `trigger` or `retrieve`. */
  async store(data: JobInput<Input>, options: Cancellable = {}): Promise<string> {
    return this.#withData(data, options, async (w, taken) => (await store(w, taken, options)).key)
  }

  /**
   * Sends a job on an object that is stored already, to the queue of `status`; the same key as often as wanted.
   * @throws RemoteJobError `UNKNOWN_STATUS`, `NOT_FOUND`
   */
  async trigger(status: string, key: string, options: JobOptions = {}): Promise<JobHandle> {
    queueNameOf(this.#settings, status)
    checkKey(key)
    checkJobOptions(options)
    const w = await this.#open(options)
    return new JobHandle(w, await trigger(w, status, key, options))
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

  /**
   * What is stored at a key.
   * @throws RemoteJobError `NOT_FOUND`
   */
  async retrieve(key: string, options?: Cancellable): Promise<StoredObject<JsonObject>> {
    checkKey(key)
    return retrieve(await this.#open(options), key, options)
  }

  /** Removes what is stored at a key; nothing there is no error. */
  async remove(key: string, options?: Cancellable): Promise<void> {
    checkRemoveKey(key)
    await remove(await this.#open(options), key, options)
  }

  /** Where a job is, or `undefined` when nothing is known of it. */
  async status(id: string, options?: Cancellable): Promise<JobStatus | undefined> {
    checkId(id)
    return status(await this.#open(options), id, options)
  }

  /** All that is known of a job, or `undefined` when that is nothing: what was asked for, how far it is, its tries and its end. */
  async inspect(id: string, options?: Cancellable): Promise<JobDetails | undefined> {
    checkId(id)
    return inspect(await this.#open(options), id, options)
  }

  /**
   * What a job handed back, as soon as it has ended.
   * @throws JobFailedError, JobCancelledError, or RemoteJobError `JOB_EXPIRED`, `JOB_NOT_FOUND`, `TIMED_OUT`, `LOST`
   */
  async result(id: string, options: WaitOptions = {}): Promise<JobResult> {
    checkId(id)
    checkSeconds('timeoutSeconds', options.timeoutSeconds)
    const w = await this.#open(options)
    return expectCompleted(w, await waitForRecord(w, id, options))
  }

  /**
   * Ends a job unless it has ended: true is a promise that it will never complete.
   * @throws RemoteJobError `JOB_NOT_FOUND`, `UNSUPPORTED`
   */
  async cancel(id: string, options?: Cancellable): Promise<boolean> {
    checkId(id)
    return cancel(await this.#open(options), id, options)
  }

  /**
   * Sends a past job's request once more, on the very bytes that it had: a new job, whatever became of the old one.
   * @throws RemoteJobError `JOB_NOT_FOUND`, `UNSUPPORTED`, `ID_IN_USE`
   */
  async retry(id: string, options: RetryOptions = {}): Promise<JobHandle> {
    checkId(id)
    checkRetry(id, options)
    const w = await this.#open(options)
    return new JobHandle(w, await retry(w, id, options))
  }

  /** The queue's jobs, the newest first; those whose ids their requesters chose come last. */
  async *list(options: ListJobsOptions = {}): AsyncGenerator<JobSummary, void, undefined> {
    yield* list(await this.#open(options), options)
  }

  /**
   * What a job wrote to its logs (`job.createLog`, or the output of a program), in the order in which it was written.
   * @throws RemoteJobError `JOB_NOT_FOUND`
   */
  async *logs(id: string, options: LogsOptions = {}): AsyncGenerator<LogChunk, void, undefined> {
    checkId(id)
    yield* readLogs(await this.#open(options), id, options)
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

  async #withData<Result>(
    given: object,
    options: JobOptions,
    use: (w: Workspace, data: JobData) => Promise<Result>,
  ): Promise<Result> {
    const data = readData(given)
    const { signal } = options
    try {
      checkJobOptions(options)
      signal?.throwIfAborted()
      const w = await this.#open({ signal })
      await w.validate(data.metadata)
      signal?.throwIfAborted()
      return await use(w, data)
    } catch (error) {
      letGo(data.content)
      throw error
    }
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
