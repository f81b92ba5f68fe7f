import { hasCode, RemoteJobError } from '../errors.ts'
import { JobAlreadySettledError } from '../job-errors.ts'
import { onAbort } from '../on-abort.ts'
import type { JsonValue } from '../protocol/json.ts'
import type { Held } from './held.ts'
import { leaveTo } from './leave.ts'
import { readLive, type Sign, writeLive } from './live.ts'
import { type Beating, pulse } from './pulse.ts'
import { Renewal } from './renewal.ts'
import { readRecord } from './result.ts'
import type { Workspace } from './workspace.ts'

/**
 * How long a worker may believe that a job is its own. Without {@link Lease.hold} it ends by itself; held, it is renewed at a third
 * of its length, with a sign of life for others, and a look whether the job still wants to be worked on. What the queue does not let
 * it keep, it keeps by its sign of life alone.
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
  #leave: (() => void) | undefined
  /** Whether the job was left to another, who began earlier. */
  #isLeft = false

  readonly #renewal: Renewal
  readonly #renewed: (() => void) | undefined

  /** @param renewed Is called after every renewal */
  constructor(w: Workspace, held: Held, renewed?: () => void) {
    this.#renewed = renewed
    this.#w = w
    this.#held = held
    this.#renewal = new Renewal(w, held)
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

  /** Whether the job's message is gone, with a replacement that comes to see whether this worker lives. */
  get isRenewed(): boolean {
    return this.#renewal.isDone
  }

  /** Whether the message that the job came with is still in this worker's hands. */
  get hasMessage(): boolean {
    return !this.isRenewed && !this.#isLeft
  }

  /** @throws why there is nothing to give back: the message went on without this worker */
  checkMessage(): void {
    if (this.#isLeft) this.#lost.signal.throwIfAborted()
  }

  /** Renews the lease from now on, until {@link Lease.stop}. */
  hold(leaseSeconds: number): void {
    const isLonger = leaseSeconds > this.#leaseSeconds
    this.#leaseSeconds = leaseSeconds
    this.#watch()
    if (this.#lost.signal.aborted) return
    this.#renewing = true
    this.#leave?.()
    this.#leave = onAbort(this.#w.closing, this.#end)
    // What is left of the lease that was given may be less than a third of the one that is wanted.
    const isOverdue = !this.isRenewed && this.#renewal.dueAt <= Date.now()
    this.#dueIn(isLonger || isOverdue ? 0 : Math.min(this.#third, (this.#until - Date.now()) / 3))
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
    this.#leave?.()
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
    const untilRenewal = this.#renewal.dueAt - Date.now()
    this.#dueAt = Date.now() + (untilRenewal > 0 ? Math.min(milliseconds, untilRenewal) : milliseconds)
  }

  /** What failed is tried again soon; the lease's end is watched by a timer of its own. */
  #beatSoon(milliseconds = this.#third / 4): void {
    this.#dueIn(milliseconds)
    if (this.#renewing) pulse.add(this)
  }

  async #renew(): Promise<void> {
    const at = Date.now()
    try {
      if (!this.isRenewed) await this.#extend(at)
    } catch (error) {
      return hasCode(error, 'LEASE_LOST') ? this.#lose(error) : this.#beatSoon()
    }
    try {
      await this.#look(at)
      await this.#outlast(at)
    } catch {
      // With a message in hand a look is advice only, and made up for at the next beat.
      if (this.isRenewed || at >= this.#renewal.dueAt) this.#beatSoon()
    }
  }

  /** The queue is asked for no more than it gives. */
  async #extend(at: number): Promise<void> {
    const left = Math.floor((this.#held.receivedAt - at) / 1000) + longestHoldSeconds
    if (left < 1) return
    const seconds = Math.min(this.#leaseSeconds, left)
    await this.#held.queue.extend(this.#held.receipt, seconds)
    this.#keep(at, seconds)
    this.#renewed?.()
  }

  /** Once others have seen the sign of life: the message is replaced when it is time, and then the sign is all there is. */
  async #outlast(at: number): Promise<void> {
    if (this.#lost.signal.aborted) return
    if (!this.isRenewed && at < this.#renewal.dueAt) return
    if (this.isRenewed) this.#renewed?.()
    await this.#renewal.make()
    // As long as others take the sign for fresh.
    this.#keep(at, 2 * this.#leaseSeconds)
  }

  #keep(at: number, seconds: number): void {
    this.#until = at + seconds * 1000
    this.#granted = seconds
    this.#watch()
  }

  /** Has the job been ended elsewhere, or does an earlier worker still sign? If not, we sign. */
  async #look(at: number): Promise<void> {
    if (this.#w.records === 'none' || this.#held.message.finished) return
    const { id } = this.#held.message
    const [sign, record] = await Promise.all([readLive(this.#w, id), readRecord(this.#w, id)])
    if (record) return this.#lose(new JobAlreadySettledError(id, record.status))
    if (sign && this.#isEarlier(sign, at)) return this.#leaveTo(sign.live.nonce)
    await this.#sign()
    // Two whose hearts beat in step would write over each other and never read the other's sign.
    if (sign?.fresh && sign.live.nonce !== this.#held.nonce) this.#beatSoon(this.#third * Math.random())
  }

  /** Whether somebody began before us, and has signed since we did: the sign of one who died is no reason to stop. */
  #isEarlier({ live, age, fresh }: Sign, at: number): boolean {
    const { nonce, receivedAt } = this.#held
    return fresh && live.nonce !== nonce && live.startedAt < receivedAt && age + 1000 < at - receivedAt
  }

  async #leaveTo(owner: string): Promise<void> {
    this.#lose(lost(this.#held.message.id, 'another worker has held it for longer'))
    if (!this.isRenewed) await leaveTo(this.#w, this.#held, owner)
    this.#isLeft = true
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
    this.#leave?.()
    pulse.delete(this)
    clearTimeout(this.#timer)
    this.#lost.abort(error)
    if (hasCode(error, 'ALREADY_SETTLED')) this.#ended.abort(error)
  }
}

/**
 * Most seconds that a message is kept from its receive on, by our clock; SQS refuses more than twelve hours by its own, which began
 * a little earlier. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html
 */
const longestHoldSeconds = 12 * 3600 - 60

function lost(id: string, why: string): RemoteJobError {
  return new RemoteJobError(
    'LEASE_LOST',
    `The lease on job "${id}" is over: ${why}; the job is, or will be, another worker's`,
  )
}
