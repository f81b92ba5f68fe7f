import type { Cancellable } from '../backend.ts'
import { type HistoryEntry, isSuperseded, tallyOf } from '../protocol/history.ts'
import { type DeadDelivery, takeDeadLetters } from './dead-letters.ts'
import { endUnrun } from './end-unrun.ts'
import { newNonce } from './held.ts'
import { readHistory, writeHistory } from './history.ts'
import { isFresh } from './live.ts'
import type { Workspace } from './workspace.ts'

/** Jobs that were dead letters, by what became of them. */
export interface ReapedLetters {
  readonly failed: string[]
  readonly resent: string[]
}

/**
 * Dead letters that are jobs: those that were tried often enough fail, the others (whose deliveries got lost on the way) are sent
 * again. One that another message stands for just goes.
 */
export async function reapDead(w: Workspace, options: Cancellable): Promise<ReapedLetters> {
  const reaped: ReapedLetters = { failed: [], resent: [] }
  for await (const dead of takeDeadLetters(w, options)) {
    if (dead.reading.kind !== 'job' || dead.delivery.attributes['reason'] !== undefined) continue
    const { message, base, owner } = dead.reading
    const history = await readHistory(w, message.id)
    if (isSuperseded(history, { base, owner })) await w.deadLetters.delete(dead.delivery.receipt)
    else reaped[(await isWornOut(w, dead, history)) ? 'failed' : 'resent'].push(message.id)
  }
  return reaped
}

/** Settles one dead letter; answers whether its job failed, rather than being sent again. */
async function isWornOut(
  w: Workspace,
  { reading, delivery, letter }: DeadDelivery,
  history: readonly HistoryEntry[],
): Promise<boolean> {
  if (reading.kind !== 'job') return false
  const { message } = reading
  // And the first start, which is never noted.
  const tries = 1 + tallyOf(history).started
  // Whoever shows a sign of life may yet bring it to an end.
  if (tries >= (message.attempts ?? w.attempts) && !(await isFresh(w, message.id))) {
    const error = {
      name: 'RemoteJobError',
      code: 'CRASHED',
      message: `It was started ${tries} times, and no worker brought it to an end`,
    }
    await endUnrun(w, { message, queue: w.deadLetters, receipt: delivery.receipt }, { status: 'failed', error })
    return true
  }
  await writeHistory(w, message.id, { delivery: letter.deliveries, nonce: newNonce() }, 'resent')
  const attributes = { ...delivery.attributes, id: message.id, base: String(letter.deliveries), again: 'reap' }
  await w.queue('pending').send({ body: delivery.body, attributes, group: message.group })
  await w.deadLetters.delete(delivery.receipt)
  return false
}
