import { RemoteJobError } from '../errors.ts'
import { isJsonObject, parseJson } from '../protocol/json.ts'
import { claimKey } from '../protocol/keys.ts'
import { maxLeaseSeconds } from '../options.ts'
import { readBytes } from './download.ts'
import type { Held } from './held.ts'
import { writeHistory } from './history.ts'
import type { Workspace } from './workspace.ts'

/**
 * Takes a job off its queue before it is done: at most once from here on. The claim is written first, so that a delivery that comes
 * all the same finds it and goes away, and so that whoever tidies up knows from when on the job counts as lost.
 * @throws RemoteJobError `LEASE_LOST` when another delivery claimed the job first
 */
export async function acknowledge(w: Workspace, held: Held): Promise<void> {
  const mine = held.message.finished !== undefined || w.records === 'none' || (await claim(w, held))
  await held.queue.delete(held.receipt)
  if (mine) return
  throw new RemoteJobError(
    'LEASE_LOST',
    `Another worker acknowledged job "${held.message.id}" first: leave the work to it`,
  )
}

async function claim(w: Workspace, held: Held): Promise<boolean> {
  const key = claimKey(held.message.id)
  const timeoutSeconds = held.message.timeoutSeconds ?? maxLeaseSeconds
  const note = { v: 1, nonce: held.nonce, attempt: held.attempt, at: Date.now(), timeoutSeconds }
  const written = await w.objects.putIfAbsent(key, Buffer.from(JSON.stringify(note)), {
    contentType: 'application/json',
  })
  if (!written && (await claimant(w, key)) !== held.nonce) return false
  await writeHistory(w, held.message.id, held, 'claimed')
  return true
}

async function claimant(w: Workspace, key: string): Promise<unknown> {
  const claimed = parseJson((await readBytes(w.objects, key))?.toString() ?? '')
  return isJsonObject(claimed) ? claimed['nonce'] : undefined
}
