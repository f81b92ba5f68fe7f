import { hasCode } from '../errors.ts'
import { placesPrefix, waitingPrefix } from '../protocol/slots.ts'
import { readBytes } from './download.ts'
import { newNonce } from './held.ts'
import type { Workspace } from './workspace.ts'

/** One who waits for a slot: a message that was given back with a delay. */
export interface Waiting {
  /** What the slots are of. */
  readonly name: string
  /** When it was submitted, in milliseconds since 1970: the first is woken first. */
  readonly at: number
  readonly id: string
}

/** Most that are looked at to find one who still sleeps. */
const mostLooks = 10

/**
 * Stands in line, for one whose message rests by now: who is woken before it does would rest all the same. The place is each time
 * another, so that who wakes one from the last takes away no other. It is advice only: who is not woken comes back when the delay of its
 * message is over.
 * @param receipt The message's, by which whoever frees a slot makes it visible
 */
export async function joinLine(w: Workspace, { name, at, id }: Waiting, receipt: string): Promise<void> {
  await w.objects.put(placesPrefix(name, at, id) + newNonce(), Buffer.from(receipt), { contentType: 'text/plain' })
}

/** Leaves the line, where the places in it show that one still stands there who came by itself; resolves those of all others. */
export async function leaveLine(
  w: Workspace,
  { name, at, id }: Waiting,
  places: readonly string[],
): Promise<readonly string[]> {
  const isOwn = (key: string): boolean => key.startsWith(placesPrefix(name, at, id))
  await Promise.all(places.filter(isOwn).map((key) => w.objects.delete(key)))
  return places.filter((key) => !isOwn(key))
}

/**
 * Wakes one of those who have waited longest, if anybody waits.
 * @param slot The number of the slot that is free, from 0: each wakes another, so that those that are free at the same time do not all
 * wake the same one. The first slot wakes the first in line.
 */
export async function wakeNext(w: Workspace, name: string, slot = 0): Promise<void> {
  const { objects } = await w.objects.list(waitingPrefix(name), { limit: Math.min(1000, slot + mostLooks) })
  const first = objects.length === 0 ? 0 : slot % objects.length
  for (const { key } of [...objects.slice(first), ...objects.slice(0, first)].slice(0, mostLooks)) {
    const receipt = await readBytes(w.objects, key)
    // Somebody else was quicker, and has woken that one.
    if (receipt === undefined) continue
    const isWoken = await wake(w, receipt.toString())
    // Only then: nobody leaves the line unwoken because somebody died.
    await w.objects.delete(key)
    if (isWoken) return
  }
}

/** Makes a message visible now; false for one that came back by itself meanwhile. */
async function wake(w: Workspace, receipt: string): Promise<boolean> {
  try {
    await w.queue('pending').extend(receipt, 0)
    return true
  } catch (error) {
    if (hasCode(error, 'LEASE_LOST') || hasCode(error, 'INVALID_ARGUMENT')) return false
    throw error
  }
}
