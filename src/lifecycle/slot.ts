import { RemoteJobError } from '../errors.ts'
import { parseSlotEntry, parseSlotKey, slotKey, slotPrefix, type SlotPlace } from '../protocol/slots.ts'
import { readBytes } from './download.ts'
import { type Beating, pulse } from './pulse.ts'
import type { Workspace } from './workspace.ts'

/** Whose entry in the log of which slot. */
export interface SlotMark extends SlotPlace {
  /** What the slots are of. */
  readonly name: string
  /** The holder's, which no other has. */
  readonly nonce: string
  readonly leaseSeconds: number
}

/**
 * Puts the next entry of a slot's log, unless somebody else has. It counts only when a listing shows that none is higher: the log of
 * one who was slow may have gone on, with the entries between removed.
 */
export async function writeEntry(w: Workspace, mark: SlotMark): Promise<boolean> {
  const { name, slot, nonce, leaseSeconds } = mark
  const key = slotKey(name, mark)
  const written = await w.objects.putIfAbsent(key, Buffer.from(JSON.stringify({ v: 1, nonce, leaseSeconds })))
  // A lost answer makes the store's own second try find the first.
  if (!written && (await nonceAt(w, key)) !== nonce) return false
  const { objects } = await w.objects.list(slotPrefix(name, slot))
  const keys = objects.map((object) => object.key).filter((found) => parseSlotKey(name, found))
  if (keys.at(-1) !== key) return false
  // Only those below the highest, so that no number is ever used again.
  await Promise.all(keys.slice(0, -1).map((lower) => w.objects.delete(lower)))
  return true
}

async function nonceAt(w: Workspace, key: string): Promise<string | undefined> {
  const bytes = await readBytes(w.objects, key)
  return bytes && parseSlotEntry(bytes)?.nonce
}

/**
 * A slot in this process's hands, renewed at a third of its lease until it is released. One whose process stood still for longer
 * than the lease may be another's already, without this one knowing: {@link lost} tells as soon as it can.
 */
export class Slot implements Beating, AsyncDisposable {
  readonly #w: Workspace
  readonly #lost = new AbortController()
  #mark: SlotMark
  #until: number
  #dueAt: number
  /** When the entry that is on its way was first tried: one whose answer was lost counts from there. */
  #triedAt: number | undefined
  #timer: NodeJS.Timeout | undefined
  #beating: Promise<void> | undefined
  #isReleased = false

  /** @param at When its newest entry was on its way, in milliseconds since 1970 */
  constructor(w: Workspace, mark: SlotMark, at: number) {
    this.#w = w
    this.#mark = mark
    this.#until = at + mark.leaseSeconds * 1000
    this.#dueAt = at + this.#third
    pulse.add(this)
    this.#watch()
  }

  /** Which one it is, from 0. */
  get number(): number {
    return this.#mark.slot
  }

  /** Aborts when the slot is, or may be, somebody else's. */
  get lost(): AbortSignal {
    return this.#lost.signal
  }

  get dueAt(): number {
    return this.#dueAt
  }

  /** Called by the pulse. */
  beat(): void {
    this.#dueAt = Date.now() + this.#third
    this.#beating ??= this.#renew().finally(() => (this.#beating = undefined))
  }

  /** Lets the next one have it at once. One that is lost is let go of. */
  async release(): Promise<void> {
    if (this.#isReleased) return
    this.#isReleased = true
    this.#rest()
    await this.#beating
    if (this.#lost.signal.aborted) return
    const { name } = this.#mark
    // Whoever took it over meanwhile has written that entry, and keeps it: so nothing needs to be looked at.
    await this.#w.objects.putIfAbsent(slotKey(name, this.#next()), Buffer.alloc(0))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release()
  }

  get #third(): number {
    return (this.#mark.leaseSeconds * 1000) / 3
  }

  #next(): SlotMark {
    return { ...this.#mark, n: this.#mark.n + 1 }
  }

  async #renew(): Promise<void> {
    const next = this.#next()
    this.#triedAt ??= Date.now()
    try {
      if (!(await writeEntry(this.#w, next))) return this.#lose()
      this.#mark = next
      this.#until = this.#triedAt + next.leaseSeconds * 1000
      this.#triedAt = undefined
      this.#watch()
    } catch (error) {
      // Its end is watched by a timer of its own.
      this.#w.report(error)
      this.#dueAt = Date.now() + this.#third / 4
      if (!this.#isReleased) pulse.add(this)
    }
  }

  /** By our clock, from before the write on: never later than by the store's. */
  #watch(): void {
    clearTimeout(this.#timer)
    if (this.#isReleased || this.#lost.signal.aborted) return
    const left = this.#until - Date.now()
    if (left <= 0) return this.#lose()
    this.#timer = setTimeout(() => this.#watch(), Math.min(left, 2 ** 31 - 1))
    this.#timer.unref()
  }

  #lose(): void {
    this.#rest()
    const { name, slot } = this.#mark
    this.#lost.abort(new RemoteJobError('LEASE_LOST', `Slot ${slot} of "${name}" is, or will be, another worker's`))
  }

  #rest(): void {
    pulse.delete(this)
    clearTimeout(this.#timer)
  }
}
