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
  readonly #ended = new AbortController()
  /** Wanted at the next renewal, and given at the last. */
  #leaseSeconds: number
  #granted: number
  #until: number
  #timer: NodeJS.Timeout | undefined
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
    this.#granted = held.leaseSeconds
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
    const isLonger = leaseSeconds > this.#leaseSeconds
    this.#leaseSeconds = leaseSeconds
    this.#watch()
    if (this.#lost.signal.aborted) return
    this.#renewing = true
    this.#w.closing.addEventListener('abort', this.#end, { once: true })
    // What is left of the lease that was given may be less than a third of the one that is wanted.
    this.#dueIn(isLonger ? 0 : Math.min(this.#third, (this.#until - Date.now()) / 3))
    pulse.add(this)
  }

  /** @throws why the job is not this worker's any more */
  check(): void {
    this.#watch()
    this.#lost.signal.throwIfAborted()
  }

  /** Aborts when the job is known to have ended elsewhere: whatever is still done for it is done for nothing. */
  get ended(): AbortSignal {
    return this.#ended.signal
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
    this.#w.closing.removeEventListener('abort', this.#end)
    pulse.delete(this)
    await this.#beating
  }

  /** The job is out of this worker's hands: nothing more is watched or renewed. */
  async stop(): Promise<void> {
    await this.rest()
    clearTimeout(this.#timer)
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
    const seconds = this.#leaseSeconds
    try {
      await this.#held.queue.extend(this.#held.receipt, seconds)
      this.#until = at + seconds * 1000
      this.#granted = seconds
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
    const other =
      sign?.fresh === true && sign.live.nonce !== this.#held.nonce && sign.live.startedAt < this.#held.receivedAt
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
    clearTimeout(this.#timer)
    if (this.#until === Number.POSITIVE_INFINITY || this.#lost.signal.aborted) return
    const left = this.#until - Date.now()
    if (left <= 0) return this.#lose(lost(this.#held.message.id, `it lasted ${this.#granted} seconds`))
    this.#timer = setTimeout(() => this.#watch(), left)
    this.#timer.unref()
  }

  readonly #end = (): void =>
    this.#lose(new RemoteJobError('CLOSED', `The queue was closed while job "${this.#held.message.id}" was held`))

  #lose(error: Error): void {
    this.#renewing = false
    this.#w.closing.removeEventListener('abort', this.#end)
    pulse.delete(this)
    clearTimeout(this.#timer)
    this.#lost.abort(error)
    if (hasCode(error, 'ALREADY_SETTLED')) this.#ended.abort(error)
  }
}

function lost(id: string, why: string): RemoteJobError {
  return new RemoteJobError(
    'LEASE_LOST',
    `The lease on job "${id}" is over: ${why}; the job is, or will be, another worker's`,
  )
}
