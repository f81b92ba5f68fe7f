import type { Cancellable, ListedObject } from '../backend.ts'
import { parseSlotEntry, parseSlotKey, slotKey, type SlotPlace, slotsPrefix, waitingPrefix } from '../protocol/slots.ts'
import { buffer } from 'node:stream/consumers'
import { newNonce } from './held.ts'
import { Slot, writeEntry } from './slot.ts'
import type { Workspace } from './workspace.ts'

/** So many at the same time, over all machines. */
export interface SlotsWanted {
  /** What they are of; part of a key. */
  readonly name: string
  /** How many there are, from 1. */
  readonly count: number
  /** Seconds after which the slot of a process that died is another's; a whole number from 3. */
  readonly leaseSeconds: number
}

/** What came of asking for a slot. */
export interface Taken {
  readonly slot: Slot | undefined
  /** How many others were free, of those that nobody is on the way to: whoever frees one wakes somebody at once. */
  readonly free: number
  /** The places of those who wait in line, the first thousand or so. */
  readonly waiting: readonly string[]
}

/** How one slot was when it was looked at. */
interface Seen extends SlotPlace {
  /** Its newest entry; `undefined` when it was never held. */
  readonly entry: ListedObject | undefined
}

/** Tries of one taker: others take at the same time. */
const mostTries = 3
/** Milliseconds that no lease is shorter than: what was written since is somebody's, or was freed a moment ago and is about to be. */
const moment = 3000

/**
 * Takes a slot unless all are held. A slot whose holder has not renewed it for its lease, by the store's own clock, is free; its
 * holder, should it only have stood still, may go on for as long as it takes to notice.
 */
export async function takeSlot(w: Workspace, wanted: SlotsWanted, options: Cancellable = {}): Promise<Taken> {
  const { seen, waiting, at: now } = await look(w, wanted, options)
  const unheld = seen.filter(isFree)
  const free = unheld.length > 0 ? unheld : await oldestIfOver(w, wanted.name, seen, { ...options, now })
  // Those who look at the same time shall not all want the same one.
  const order = free.map((one) => [Math.random(), one] as const).toSorted(([a], [b]) => a - b)
  for (const [, { slot, n }] of order.slice(0, mostTries)) {
    const at = Date.now()
    const mark = { ...wanted, slot, n: n + 1, nonce: newNonce() }
    if (!(await writeEntry(w, mark))) continue
    const others = free.filter((one) => one.slot !== slot && ageOf(one, now) >= moment).length
    // While others wait, the slot of a holder who died is missed.
    const isMissed = others === 0 && waiting.length > 0 && unheld.length > 0
    const dead = isMissed
      ? await oldestIfOver(
          w,
          wanted.name,
          seen.filter((one) => !isFree(one)),
          { ...options, now },
        )
      : []
    return { slot: new Slot(w, mark, at), free: others + dead.length, waiting }
  }
  return { slot: undefined, free: 0, waiting }
}

/** Whether a slot is to be had, by a look that costs one request. One whose holder died is not seen by it. */
export async function hasFreeSlot(w: Workspace, wanted: SlotsWanted, options: Cancellable = {}): Promise<boolean> {
  const { seen } = await look(w, wanted, options)
  return seen.some(isFree)
}

/** Milliseconds for which a slot is as it is; a slot that was never held is free for ever. */
const ageOf = ({ entry }: Seen, now: number): number => now - (entry?.lastModified.getTime() ?? -Infinity)

const isFree = ({ entry }: Seen): boolean => (entry?.size ?? 0) === 0

/** Every slot with its newest entry, and the head of the line behind them. */
async function look(
  w: Workspace,
  { name, count }: SlotsWanted,
  { signal }: Cancellable,
): Promise<{ readonly seen: readonly Seen[]; readonly waiting: readonly string[]; readonly at: number }> {
  const newest = new Map<number, ListedObject & SlotPlace>()
  const waiting: string[] = []
  let at = 0
  for (let after: string | undefined, more = true; more && waiting.length === 0;) {
    const page = await w.objects.list(slotsPrefix(name), { after, signal })
    for (const object of page.objects) {
      const place = parseSlotKey(name, object.key)
      // In ascending order, so the last one of a slot is its newest.
      if (place) newest.set(place.slot, { ...object, ...place })
      else if (object.key.startsWith(waitingPrefix(name))) waiting.push(object.key)
    }
    at = page.answeredAt.getTime()
    after = page.objects.at(-1)?.key
    more = page.more && after !== undefined
  }
  const seen = Array.from({ length: count }, (_, slot) => ({
    slot,
    n: newest.get(slot)?.n ?? 0,
    entry: newest.get(slot),
  }))
  return { seen, waiting, at }
}

/** Of slots that are all held only the one that was not renewed for longest can have lost its holder: one that lives renews its own. */
async function oldestIfOver(
  w: Workspace,
  name: string,
  seen: readonly Seen[],
  { now, signal }: Cancellable & { readonly now: number },
): Promise<readonly Seen[]> {
  const age = ({ entry }: Seen): number => entry?.lastModified.getTime() ?? 0
  const [first, ...rest] = seen
  if (!first) return []
  const oldest = rest.reduce((a, b) => (age(b) < age(a) ? b : a), first)
  if (ageOf(oldest, now) < moment) return []
  const reading = await w.objects.get(slotKey(name, oldest), { signal })
  // Its slot's log has gone on.
  if (!reading) return []
  const bytes = await buffer(reading.body)
  const held = parseSlotEntry(bytes)
  // Stores count in whole seconds, and cut off what is beyond.
  const over = reading.lastModified.getTime() + ((held?.leaseSeconds ?? 0) + 1) * 1000
  return held && reading.answeredAt.getTime() < over ? [] : [oldest]
}
