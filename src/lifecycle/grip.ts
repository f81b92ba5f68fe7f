import { RemoteJobError } from '../errors.ts'
import { JobAlreadySettledError } from '../job-errors.ts'
import type { FinalStatus, ResultRecord } from '../protocol/record.ts'
import { acknowledge } from './acknowledge.ts'
import type { Held, JobHooks } from './held.ts'
import type { Lease } from './lease.ts'
import { removeLive } from './live.ts'
import { type Release, release } from './release.ts'
import { finish, type Outcome, settle } from './settle.ts'
import { letGo } from './store.ts'
import type { Workspace } from './workspace.ts'

/**
 * A worker's grip on one delivery of a job, until a verb ends it: acknowledge, settle or release. Verbs take turns; one that came
 * late or twice finds what the one before it left.
 */
export class Grip implements AsyncDisposable {
  readonly #w: Workspace
  readonly #held: Held
  readonly #lease: Lease
  readonly #hooks: JobHooks
  #state: 'held' | 'acknowledged' | 'released' | 'lost' = 'held'
  /** How the job ended by another hand. */
  #lostTo: FinalStatus | undefined
  #tries = 0
  #record: ResultRecord | undefined
  #finished = false
  #settling: Promise<void> = Promise.resolve()

  constructor(w: Workspace, held: Held, lease: Lease, hooks: JobHooks) {
    this.#w = w
    this.#held = held
    this.#lease = lease
    this.#hooks = hooks
  }

  get state(): 'held' | 'acknowledged' | 'released' | 'lost' {
    return this.#state
  }

  /** Whether there is nothing left to do. */
  get isSettled(): boolean {
    return this.#finished || this.#state === 'released' || this.#state === 'lost'
  }

  /** How it was ended by this hand. */
  get end(): ResultRecord | 'released' | undefined {
    return this.#record ?? (this.#state === 'released' ? 'released' : undefined)
  }

  /** @throws JobAlreadySettledError, RemoteJobError `LEASE_LOST` when the job is not in hand any more */
  check(): void {
    const fate = this.#record?.status ?? this.#lostTo
    if (fate) throw new JobAlreadySettledError(this.#held.message.id, fate)
    if (this.#state === 'held') return
    const { id } = this.#held.message
    throw new RemoteJobError('LEASE_LOST', `Job "${id}" is not this worker's any more: it was ${this.#state}`)
  }

  /** Takes the job off its queue before it is done. */
  async acknowledge(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#state === 'acknowledged' || this.#finished) return
      this.check()
      await this.#lease.stop()
      await acknowledge(this.#w, this.#held)
      this.#state = 'acknowledged'
    })
  }

  /** Ends the job. */
  async settle(outcome: Outcome): Promise<void> {
    return this.#inTurn(() => this.#settleNext(outcome))
  }

  /** Gives the job back. */
  async release(how: Release): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#state === 'released') return
      this.check()
      await this.#lease.stop()
      this.#lease.checkMessage()
      await release(this.#w, this.#held, how, this.#lease.isRenewed)
      this.#state = 'released'
      // Only now: while the job was not ours any more, the sign of life was another's.
      if (this.#lease.signed) await removeLive(this.#w, this.#held.message.id)
    })
  }

  /** Gives the job back unless a verb has ended the grip before. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#settling.catch(() => {})
    if (this.#state !== 'held' || this.#finished) return this.#lease.stop()
    try {
      await this.release({ delaySeconds: 0, counted: true })
    } catch {
      // The lease is over, or the queue out of reach: then the queue gives the job back by itself.
      await this.#lease.stop()
    }
  }

  /** One verb at a time: a second call waits for the first, and then finds what it left. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const before = this.#settling
    this.#settling = (async () => {
      await before.catch(() => {})
      await work()
    })()
    return this.#settling
  }

  async #settleNext(outcome: Outcome): Promise<void> {
    const late = this.#state === 'released' || this.#state === 'lost'
    if (late || this.#record) for (const { content } of outcome.assets) letGo(content)
    if (late) this.check()
    this.#record ??= await this.#decide(outcome)
    if (!this.#finished) {
      await this.#lease.stop()
      await finish(this.#w, this.#held, this.#record, {
        isGone: this.#state === 'acknowledged' || !this.#lease.hasMessage,
        afterwards: this.#hooks.afterwards,
      })
      this.#finished = true
    }
    const wanted = outcome.error ? 'failed' : 'completed'
    if (this.#record.status !== wanted) throw new JobAlreadySettledError(this.#held.message.id, this.#record.status)
  }

  async #decide(outcome: Outcome): Promise<ResultRecord> {
    const nonce = this.#tries === 0 ? this.#held.nonce : `${this.#held.nonce}-${this.#tries}`
    this.#tries += 1
    try {
      const { ended } = this.#lease
      // Without assets there is nothing to end half-way, and a signal made for every job would cost as much as the rest of its end.
      const isShort = outcome.assets.length === 0 && !outcome.signal?.aborted
      const signal = isShort || !outcome.signal ? ended : AbortSignal.any([outcome.signal, ended])
      return await settle(this.#w, this.#held, nonce, { ...outcome, signal })
    } catch (error) {
      if (error instanceof JobAlreadySettledError) {
        this.#state = 'lost'
        this.#lostTo = error.status
        await this.#lease.stop()
      }
      throw error
    }
  }
}
