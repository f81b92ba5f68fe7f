import type { Delivery, MessageQueue } from '../backend.ts'
import { type HistoryEntry, isSuperseded } from '../protocol/history.ts'
import type { JobMessage } from '../protocol/message.ts'
import type { Held } from './held.ts'
import { writeHistory } from './history.ts'
import { readLive, type Sign } from './live.ts'
import { sendReplacement } from './replacement.ts'
import type { Workspace } from './workspace.ts'

/** A delivery of a job, with what is written on its envelope. */
export interface Candidate {
  readonly message: JobMessage
  readonly delivery: Delivery
  readonly base: number
  readonly owner: string | undefined
  readonly isResent: boolean
}

/** A message that was sent in the place of another may find somebody at work who holds none: their sign of life, if there is one. */
export async function lookForOwner(w: Workspace, { message, owner, isResent }: Candidate): Promise<Sign | undefined> {
  if (w.records === 'none' || (owner === undefined && !isResent)) return undefined
  const sign = await readLive(w, message.id)
  return sign?.fresh ? sign : undefined
}

/**
 * Leaves a job to its owner: the message goes on as a new one, to look again later. A look counts as no delivery, so that an owner
 * who works for days leaves as many attempts as it found.
 */
export async function leaveToOwner(
  queue: MessageQueue,
  { message, delivery, base, owner }: Candidate,
  { live }: Sign,
): Promise<undefined> {
  const { body, receipt, receiveCount } = delivery
  await sendReplacement({ queue, body, message }, { base: base + receiveCount - 1, owner: owner ?? live.nonce })
  await queue.delete(receipt)
}

/** Whether a message has nothing left to stand for: the job was claimed, or another message was sent in this one's place. */
export function isSpent(history: readonly HistoryEntry[], { base, owner }: Candidate): boolean {
  return history.some(({ state }) => state === 'claimed') || isSuperseded(history, { base, owner })
}

/**
 * A worker that finds out that another had begun before it leaves the job to that one. Its own delivery does not count, and its
 * message comes back only to look.
 */
export async function leaveTo(w: Workspace, held: Held, owner: string): Promise<void> {
  await writeHistory(w, held.message.id, held, 'released')
  await sendReplacement(held, { base: held.delivery, owner })
  await held.queue.delete(held.receipt)
}
