import { hasCode } from '../errors.ts'
import { waitingKey, waitingPrefix } from '../protocol/slots.ts'
import { readBytes } from './download.ts'
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
 * Stands in line. It is advice only: who is not woken comes back when the delay of its message is over.
 * @param receipt The message's, by which whoever frees a slot makes it visible
 */
export async function joinLine(w: Workspace, { name, at, id }: Waiting, receipt: string): Promise<void> {
  await w.objects.put(waitingKey(name, at, id), Buffer.from(receipt), { contentType: 'text/plain' })
}

/** Leaves the line, for who has a slot now. */
export async function leaveLine(w: Workspace, { name, at, id }: Waiting): Promise<void> {
  await w.objects.delete(waitingKey(name, at, id))
}

/** Wakes the one who has waited longest, if anybody waits. */
export async function wakeNext(w: Workspace, name: string): Promise<void> {
  const { objects } = await w.objects.list(waitingPrefix(name), { limit: mostLooks })
  for (const { key } of objects) {
    const receipt = await readBytes(w.objects, key)
    // First: one who finds no slot all the same stands in line again, under this key.
    await w.objects.delete(key)
    if (receipt && (await wake(w, receipt.toString()))) return
  }
}

/** False for one who came back by itself meanwhile. */
async function wake(w: Workspace, receipt: string): Promise<boolean> {
  try {
    await w.queue('pending').extend(receipt, 0)
    return true
  } catch (error) {
    if (hasCode(error, 'LEASE_LOST') || hasCode(error, 'INVALID_ARGUMENT')) return false
    throw error
  }
}
