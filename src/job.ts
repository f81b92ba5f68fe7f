import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { Cancellable } from './backend.ts'
import { RemoteJobError } from './errors.ts'
import { checkRange, type ReadOptions } from './lifecycle/byte-range.ts'
import { download } from './lifecycle/download.ts'
import { finishedResult, openAsset } from './lifecycle/finished-job.ts'
import { Grip } from './lifecycle/grip.ts'
import type { Held, JobHooks } from './lifecycle/held.ts'
import type { JobResult } from './lifecycle/job-result.ts'
import { Lease } from './lifecycle/lease.ts'
import { type Log, LogBook } from './lifecycle/log.ts'
import { openLater } from './lifecycle/open-later.ts'
import { type Assets, isFailure, onlyOne, type Returned, yieldFrom } from './lifecycle/outcome.ts'
import { isWorn } from './lifecycle/put-back.ts'
import type { ReleaseOptions } from './lifecycle/release.ts'
import type { Workspace } from './lifecycle/workspace.ts'
import { checkInteger, maxDelaySeconds, maxLeaseSeconds } from './options.ts'
import { jsonFrom } from './protocol/json.ts'
import { checkStreamName } from './protocol/logs.ts'
import { recordedError, type ResultRecord } from './protocol/record.ts'

/** Between a job and its worker only. */
export const end: unique symbol = Symbol('remotejob.end')

/** Between a job and what schedules it only. */
export const receipt: unique symbol = Symbol('remotejob.receipt')

/**
 * A job in a worker's hands: what the requester sent, and the verbs that end it. It is this worker's for as long as its lease lasts;
 * then, or given back, it is delivered again. A job taken from `completed` or `failed` is a finished one: it has its assets, and
 * `acknowledge` takes it off.
 */
export class Job<Metadata = Record<string, unknown>> implements AsyncDisposable {
  readonly id: string
  /** The name of the queue that it came from. */
  readonly queueName: string
  /** Its input's key below the queue's prefix; `undefined` when it was sent with metadata alone and no record of it. */
  readonly key: string | undefined
  /** The requester's data. */
  readonly metadata: Metadata
  readonly filename: string | undefined
  /** Media type of the input. */
  readonly contentType: string | undefined
  /** Bytes of the input, when known. */
  readonly size: number | undefined
  /** Which try this is, from 1. A job whose workers died may be tried more often than `attempts`. */
  readonly attempt: number
  /** Tries the requester allows. */
  readonly attempts: number
  readonly submittedAt: Date | undefined
  /** The most seconds the requester allows one attempt. */
  readonly timeoutSeconds: number | undefined

  readonly #w: Workspace
  readonly #held: Held
  readonly #lease: Lease
  readonly #grip: Grip
  #logs: LogBook | undefined

  constructor(w: Workspace, held: Held, metadata: Metadata, hooks: JobHooks = {}) {
    const { message } = held
    this.id = message.id
    this.queueName = w.name
    this.key = message.key
    this.metadata = metadata
    this.filename = message.filename
    this.contentType = message.contentType
    this.size = message.size
    this.attempt = held.attempt
    this.attempts = held.attempts
    this.submittedAt = message.submittedAt === undefined ? undefined : new Date(message.submittedAt)
    this.timeoutSeconds = message.timeoutSeconds
    this.#w = w
    this.#held = held
    this.#lease = new Lease(w, held, hooks.heartbeat)
    this.#grip = new Grip(w, held, this.#lease, hooks)
  }

  /** Aborts when the job is not this worker's any more: its lease ran out, or it was cancelled or ended elsewhere. */
  get signal(): AbortSignal {
    return this.#lease.lost
  }

  /** By what its message can be made visible once it was given back; `undefined` when another message will stand for it then. */
  get [receipt](): string | undefined {
    return isWorn(this.#w, this.#held) ? undefined : this.#held.receipt
  }

  /** Whether it was taken off its queue before its end: nobody else will do it. */
  get acknowledged(): boolean {
    return this.#grip.state === 'acknowledged'
  }

  /** Whether it has been ended or given back: there is nothing left to do. */
  get settled(): boolean {
    return this.#grip.isSettled
  }

  /** How the handler ended it by itself. */
  get [end](): ResultRecord | 'released' | undefined {
    return this.#grip.end
  }

  /**
   * The input as a Node stream, at once, or its bytes from `start` to `end`; of a finished job, the asset called `name`. A broken
   * download resumes by itself. Errors arrive on the stream: `NOT_FOUND`, `INPUT_CHANGED` when the input was written over, `UNAVAILABLE`.
   * @throws RemoteJobError `INVALID_ARGUMENT` for a range that cannot be
   */
  createReadStream(name?: string, options?: ReadOptions): Readable
  createReadStream(options: ReadOptions): Readable
  createReadStream(first?: string | ReadOptions, second: ReadOptions = {}): Readable {
    const [name, options] = typeof first === 'object' ? [undefined, first] : [first, second]
    checkRange(options)
    if (name !== undefined) return openLater(() => openAsset(this.#w, this.#held.message, name, options))
    const { key, etag } = this.#held.message
    if (key === undefined) return Readable.from([], { objectMode: false })
    const { start, end, signal } = options
    return download(() => Promise.resolve(this.#w.objects), { key, etag, start, end }, { signal })
  }

  /** All bytes of the input (of a finished job: of the asset called `name`), in memory. */
  async bytes(name?: string): Promise<Buffer> {
    return buffer(this.createReadStream(name))
  }

  /** The same as UTF-8 text. */
  async text(name?: string): Promise<string> {
    return (await this.bytes(name)).toString()
  }

  /**
   * The same as JSON.
   * @throws SyntaxError when it is none
   */
  async json(name?: string): Promise<unknown> {
    return JSON.parse(await this.text(name))
  }

  /**
   * How a finished job (one taken from `completed` or `failed`) ended.
   * @throws RemoteJobError `UNSUPPORTED` for a job that is still to be done
   */
  async result(): Promise<JobResult> {
    return finishedResult(this.#w, this.#held.message)
  }

  /**
   * Renews the lease until the returned object is disposed of or the job ends, and lets others see that somebody works on it.
   * @param leaseSeconds Whole seconds from 3 to 43200. Default: the queue's
   * @throws RemoteJobError `LEASE_LOST`, `ALREADY_SETTLED` when the job is not this worker's any more
   */
  hold(leaseSeconds: number = this.#w.leaseSeconds): AsyncDisposable {
    checkInteger('leaseSeconds', leaseSeconds, 3, maxLeaseSeconds)
    // An acknowledged job has no message, so there is nothing to renew.
    if (!this.acknowledged) {
      this.#grip.check()
      this.#lease.check()
      this.#lease.hold(leaseSeconds)
    }
    return { [Symbol.asyncDispose]: () => this.#lease.rest() }
  }

  /**
   * Reports how far the job is, as any JSON: seen in `live/<id>.json`, and its status becomes `active`.
   * @throws RemoteJobError `LEASE_LOST`, `ALREADY_SETTLED` when the job is not this worker's any more
   */
  async progress(value: unknown): Promise<void> {
    const json = jsonFrom(value, 'progress')
    if (this.#held.message.finished)
      throw new RemoteJobError('UNSUPPORTED', `Job "${this.id}" is finished: it makes no progress`)
    if (!this.acknowledged) {
      this.#grip.check()
      this.#lease.check()
    }
    await this.#lease.report(json)
  }

  /**
   * A stream for text that others can read while the job runs, with `queue.logs`. It is written at most once a second, and right
   * away when it is much. End it before the job ends.
   * @param stream Its name: 1 to 32 letters, digits, `-` or `_`
   * @param options `keepBytes`: of more than so many bytes the oldest pieces are removed; all stays where it is left out
   * @throws RemoteJobError `INVALID_ARGUMENT`
   */
  createLog(stream: string, { keepBytes }: { readonly keepBytes?: number | undefined } = {}): Log {
    checkStreamName(stream)
    checkInteger('keepBytes', keepBytes, 1, Number.MAX_SAFE_INTEGER)
    this.#logs ??= new LogBook(this.#w, this.#held)
    return this.#logs.stream(stream, keepBytes)
  }

  /**
   * Takes the job off the queue it came from. For a finished job that is its end. For one that is still to be done it means at most
   * once: when this worker dies nobody else will do it, and it gets no result. `complete` acknowledges by itself, last.
   * @throws RemoteJobError `LEASE_LOST` when another worker acknowledged it first
   */
  async acknowledge(): Promise<void> {
    return this.#grip.acknowledge()
  }

  /**
   * Ends the job: stores its assets, writes its result, announces it, and takes it off the queue, in this order. Done twice by the
   * one who won it is done once.
   * - `complete(assets?)`, `complete(null, assets?)`: completed, with one asset, an array or an object of them, or `{ value, assets }`
   * - `complete(error, assets?)`: failed for good, as `fail`
   *
   * A `signal`, last of all, ends the storing of assets with its reason; the job is still this worker's then.
   *
   * @throws JobAlreadySettledError when the job had ended by another hand: nothing of this outcome is kept
   * @throws RemoteJobError `INVALID_ARGUMENT`, `BODY_FAILED`, or what the store says; the job is still this worker's then
   */
  async complete(assets?: Assets | Returned | null): Promise<void>
  async complete(
    error: Error | null | undefined,
    assets?: Assets | Returned | null,
    options?: Cancellable,
  ): Promise<void>
  async complete(error: unknown, assets: Assets | Returned | null, options?: Cancellable): Promise<void>
  async complete(...given: [unknown?, unknown?, Cancellable?]): Promise<void> {
    const [first, second, options] = given
    if (isFailure(first, given.length)) return this.fail(first, second, options)
    const { value, assets } = yieldFrom(onlyOne(first, second))
    await this.#grip.settle({ error: undefined, value, assets, signal: options?.signal })
  }

  /**
   * Ends the job as failed, for good: it is not tried again (`release` does that). Assets (a log, say) are kept all the same.
   * @throws the same as `complete`
   */
  async fail(error: unknown, assets?: unknown, options?: Cancellable): Promise<void> {
    const given = yieldFrom(assets)
    await this.#grip.settle({ ...given, error: recordedError(error), signal: options?.signal })
  }

  /**
   * Gives the job back, to be tried again by whoever comes next.
   * @throws RemoteJobError `LEASE_LOST` when it was not this worker's any more
   */
  async release({ delaySeconds = 0, counted = true, error }: ReleaseOptions = {}): Promise<void> {
    checkInteger('delaySeconds', delaySeconds, 0, maxDelaySeconds)
    return this.#grip.release({ delaySeconds, counted, error: error === undefined ? undefined : recordedError(error) })
  }

  /** Gives the job back unless it was settled, acknowledged or given back before. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#grip[Symbol.asyncDispose]()
  }
}
