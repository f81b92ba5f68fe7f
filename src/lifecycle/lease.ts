import { hasCode, RemoteJobError } from '../errors.ts'
import { JobAlreadySettledError } from '../job-errors.ts'
import type { JsonValue } from '../protocol/json.ts'
import type { Held } from './held.ts'
import { readLive, writeLive } from './live.ts'
import { type Beating, pulse } from './pulse.ts'
import { readRecord } from './result.ts'
import type { Workspace } from './workspace.ts'

/**
 * How long a worker may believe that a job is its own. Without {@link Lease.hold} it ends by itself; held, it is renewed at a third
 * of its length, with a sign of life for others, and a look whether the job still wants to be worked on.
 */
export class Lease implements Beating {
  readonly #w: Workspace
  readonly #held: Held
  readonly #lost = new AbortController()
  #leaseSeconds: number
  #until: number
  #end: NodeJS.Timeout | undefined
  #dueAt = Number.POSITIVE_INFINITY
  #beating: Promise<void> | undefined
  #renewing = false
  #progress: JsonValue | undefined
  #signed = false

  readonly #renewed: (() => void) | undefined

  /** @param renewed Is called after every renewal */
  constructor(w: Workspace, held: Held, renewed?: () => void) {
    this.#renewed = renewed
    this.#w = w
    this.#held = held
    this.#leaseSeconds = held.leaseSeconds
    this.#until = held.receivedAt + held.leaseSeconds * 1000
  }

  /** Aborts when the job is not this worker's any more: `LEASE_LOST`, or `ALREADY_SETTLED` when it was cancelled or done elsewhere. */
  get lost(): AbortSignal {
    this.#watch()
    return this.#lost.signal
  }

  /** Whether others may have seen a sign of life. */
  get signed(): boolean {
    return this.#signed
  }

  /** Renews the lease from now on, until {@link Lease.stop}. */
  hold(leaseSeconds: number): void {
    this.#leaseSeconds = leaseSeconds
    if (this.#renewing || this.#lost.signal.aborted) return
    this.#renewing = true
    this.#watch()
    this.#dueIn(this.#third)
    pulse.add(this)
  }

  /** When the next heartbeat is due, in milliseconds since 1970. */
  get dueAt(): number {
    return this.#dueAt
  }

  /** Called by the pulse: one heartbeat. */
  beat(): void {
    this.#dueIn(this.#third)
    this.#beating = this.#renew().finally(() => (this.#beating = undefined))
  }

  /** Lets the lease run out by itself again; resolves when no heartbeat is under way, so that none races what comes next. */
  async rest(): Promise<void> {
    this.#renewing = false
    pulse.delete(this)
    await this.#beating
  }

  /** The job is out of this worker's hands: nothing more is watched or renewed. */
  async stop(): Promise<void> {
    await this.rest()
    clearTimeout(this.#end)
    this.#until = Number.POSITIVE_INFINITY
  }

  /** Reports how far the job is, at once and with each later sign of life. */
  async report(progress: JsonValue): Promise<void> {
    this.#progress = progress
    await this.#sign()
  }

  get #third(): number {
    return (this.#leaseSeconds * 1000) / 3
  }

  #dueIn(milliseconds: number): void {
    this.#dueAt = Date.now() + milliseconds
  }

  async #renew(): Promise<void> {
    const at = Date.now()
    try {
      await this.#held.queue.extend(this.#held.receipt, this.#leaseSeconds)
      this.#until = at + this.#leaseSeconds * 1000
      this.#watch()
      this.#renewed?.()
    } catch (error) {
      if (hasCode(error, 'LEASE_LOST')) return this.#lose(error)
      // One that failed is tried again soon; the lease's end is watched by a timer of its own.
      this.#dueIn(this.#third / 4)
      if (this.#renewing) pulse.add(this)
      return
    }
    // Advice only: a look that fails is made up for at the next beat.
    await this.#look().catch(() => {})
  }

  /** Has the job been ended elsewhere, or does an earlier worker still sign? If not, we sign. */
  async #look(): Promise<void> {
    if (this.#w.records === 'none' || this.#held.message.finished) return
    const { id } = this.#held.message
    const [sign, record] = await Promise.all([readLive(this.#w, id), readRecord(this.#w, id)])
    if (record) return this.#lose(new JobAlreadySettledError(id, record.status))
    const other = sign?.fresh === true && sign.live.nonce !== this.#held.nonce && sign.live.startedAt < this.#held.receivedAt
    if (other) return this.#lose(lost(id, 'another worker has held it for longer'))
    await this.#sign()
  }

  async #sign(): Promise<void> {
    const { message, attempt, nonce, receivedAt } = this.#held
    this.#signed = true
    await writeLive(this.#w, message.id, {
      v: 1,
      attempt,
      nonce,
      startedAt: receivedAt,
      leaseSeconds: this.#leaseSeconds,
      progress: this.#progress,
    })
  }

  /** The end of the lease, by our clock. A blocked event loop learns of it late, but before anything else runs. */
  #watch(): void {
    clearTimeout(this.#end)
    if (this.#until === Number.POSITIVE_INFINITY || this.#lost.signal.aborted) return
    const left = this.#until - Date.now()
    if (left <= 0) return this.#lose(lost(this.#held.message.id, `it lasted ${this.#leaseSeconds} seconds`))
    this.#end = setTimeout(() => this.#watch(), left)
    this.#end.unref()
  }

  #lose(error: Error): void {
    this.#renewing = false
    pulse.delete(this)
    clearTimeout(this.#end)
    this.#lost.abort(error)
  }
}

function lost(id: string, why: string): RemoteJobError {
  return new RemoteJobError('LEASE_LOST', `The lease on job "${id}" is over: ${why}; the job is, or will be, another worker's`)
}
