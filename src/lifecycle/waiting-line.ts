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
 * Stands in line, and resolves the key of the place: each time another, so that who wakes one from the last takes away no other. It is
 * advice only: who is not woken comes back when the delay of its message is over.
 * @param receipt The message's, by which whoever frees a slot makes it visible
 */
export async function joinLine(w: Workspace, { name, at, id }: Waiting, receipt: string): Promise<string> {
  const key = placesPrefix(name, at, id) + newNonce()
  await w.objects.put(key, Buffer.from(receipt), { contentType: 'text/plain' })
  return key
}

/** Leaves the line, for who has a slot now. */
export async function leaveLine(w: Workspace, { name, at, id }: Waiting): Promise<void> {
  const { objects } = await w.objects.list(placesPrefix(name, at, id))
  await Promise.all(objects.map(({ key }) => w.objects.delete(key)))
}

/** Whether somebody still stands at that place: nobody has woken them. */
export async function isInLine(w: Workspace, key: string): Promise<boolean> {
  return (await w.objects.head(key)) !== undefined
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
    const isWoken = receipt !== undefined && (await wake(w, receipt.toString()))
    // Only then: nobody leaves the line unwoken because somebody died.
    await w.objects.delete(key)
    if (isWoken) return
  }
}

/** Makes a message visible now; false for one that came back by itself meanwhile. */
export async function wake(w: Workspace, receipt: string): Promise<boolean> {
  try {
    await w.queue('pending').extend(receipt, 0)
    return true
  } catch (error) {
    if (hasCode(error, 'LEASE_LOST') || hasCode(error, 'INVALID_ARGUMENT')) return false
    throw error
  }
}
