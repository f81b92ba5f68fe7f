import type { Cancellable } from './backend.ts'
import { forEachOf } from './for-each-of.ts'
import { JobHandle } from './job-handle.ts'
import { blame, isPair, type JobInput, type SubmitManyOptions } from './job-input.ts'
import { cancel } from './lifecycle/cancel.ts'
import { expectCompleted } from './lifecycle/expect-completed.ts'
import { inspect, type JobDetails } from './lifecycle/inspect.ts'
import type { JobResult } from './lifecycle/job-result.ts'
import { type JobSummary, list, type ListJobsOptions } from './lifecycle/list.ts'
import { queueNameOf } from './lifecycle/open.ts'
import type { Opening } from './lifecycle/opening.ts'
import { type PresignedUpload, presignUpload, type PresignUploadOptions } from './lifecycle/presign.ts'
import { type LogChunk, type LogsOptions, readLogs } from './lifecycle/read-logs.ts'
import { remove, retrieve } from './lifecycle/retrieve.ts'
import { checkRetry, retry, type RetryOptions } from './lifecycle/retry.ts'
import type { Settings } from './lifecycle/settings.ts'
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

/** What a queue does for those who ask for jobs: `submit` and what can be done with a job, or a stored object, afterwards. */
export class Requester<Metadata, Input> {
  readonly #settings: Settings
  readonly #opening: Opening<Metadata, Input>

  constructor(settings: Settings, opening: Opening<Metadata, Input>) {
    this.#settings = settings
    this.#opening = opening
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
   * What `store` does, for bytes that somebody without keys has: a URL and headers for one PUT, and the key, for `trigger` once the bytes
   * are there. Nobody can write to it twice: the second PUT is answered 412.
   * @throws RemoteJobError `INVALID_ARGUMENT`, and `UNSUPPORTED` for a backend without URLs, such as the local one
   */
  async presignUpload(data: JobInput<Input>, options: PresignUploadOptions = {}): Promise<PresignedUpload> {
    return this.#withData(data, { signal: options.signal }, (w, taken) => presignUpload(w, taken, options))
  }

  /**
   * Sends a job on an object that is stored already, to the queue of `status`; the same key as often as wanted.
   * @throws RemoteJobError `UNKNOWN_STATUS`, `NOT_FOUND`
   */
  async trigger(status: string, key: string, options: JobOptions = {}): Promise<JobHandle> {
    queueNameOf(this.#settings, status)
    checkKey(key)
    checkJobOptions(options)
    const w = await this.#opening.open(options)
    return new JobHandle(w, await trigger(w, status, key, options))
  }

  /**
   * What is stored at a key.
   * @throws RemoteJobError `NOT_FOUND`
   */
  async retrieve(key: string, options?: Cancellable): Promise<StoredObject<JsonObject>> {
    checkKey(key)
    return retrieve(await this.#opening.open(options), key, options)
  }

  /** Removes what is stored at a key; nothing there is no error. */
  async remove(key: string, options?: Cancellable): Promise<void> {
    checkRemoveKey(key)
    await remove(await this.#opening.open(options), key, options)
  }

  /** Where a job is, or `undefined` when nothing is known of it. */
  async status(id: string, options?: Cancellable): Promise<JobStatus | undefined> {
    checkId(id)
    return status(await this.#opening.open(options), id, options)
  }

  /** All that is known of a job, or `undefined` when that is nothing: what was asked for, how far it is, its tries and its end. */
  async inspect(id: string, options?: Cancellable): Promise<JobDetails | undefined> {
    checkId(id)
    return inspect(await this.#opening.open(options), id, options)
  }

  /**
   * What a job handed back, as soon as it has ended.
   * @throws JobFailedError, JobCancelledError, or RemoteJobError `JOB_EXPIRED`, `JOB_NOT_FOUND`, `TIMED_OUT`, `LOST`
   */
  async result(id: string, options: WaitOptions = {}): Promise<JobResult> {
    checkId(id)
    checkSeconds('timeoutSeconds', options.timeoutSeconds)
    const w = await this.#opening.open(options)
    return expectCompleted(w, await waitForRecord(w, id, options))
  }

  /**
   * Ends a job unless it has ended: true is a promise that it will never complete.
   * @throws RemoteJobError `JOB_NOT_FOUND`, `UNSUPPORTED`
   */
  async cancel(id: string, options?: Cancellable): Promise<boolean> {
    checkId(id)
    return cancel(await this.#opening.open(options), id, options)
  }

  /**
   * Sends a past job's request once more, on the very bytes that it had: a new job, whatever became of the old one.
   * @throws RemoteJobError `JOB_NOT_FOUND`, `UNSUPPORTED`, `ID_IN_USE`
   */
  async retry(id: string, options: RetryOptions = {}): Promise<JobHandle> {
    checkId(id)
    checkRetry(id, options)
    const w = await this.#opening.open(options)
    return new JobHandle(w, await retry(w, id, options))
  }

  /** The queue's jobs, the newest first; those whose ids their requesters chose come last. */
  async *list(options: ListJobsOptions = {}): AsyncGenerator<JobSummary, void, undefined> {
    yield* list(await this.#opening.open(options), options)
  }

  /**
   * What a job wrote to its logs (`job.createLog`, or the output of a program), in the order in which it was written.
   * @throws RemoteJobError `JOB_NOT_FOUND`
   */
  async *logs(id: string, options: LogsOptions = {}): AsyncGenerator<LogChunk, void, undefined> {
    checkId(id)
    yield* readLogs(await this.#opening.open(options), id, options)
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
      const w = await this.#opening.open({ signal })
      await w.validate(data.metadata)
      signal?.throwIfAborted()
      return await use(w, data)
    } catch (error) {
      letGo(data.content)
      throw error
    }
  }
}
