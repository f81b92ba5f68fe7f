import type { Delivery } from '../backend.ts'
import { readDelivery } from '../protocol/delivery.ts'
import { newNonce } from './held.ts'
import { writeHistory } from './history.ts'
import type { Workspace } from './workspace.ts'

/** Gives back a delivery that nobody was left to take: at once, and without costing the job an attempt. */
export async function giveBack(w: Workspace, status: string, delivery: Delivery): Promise<void> {
  const reading = readDelivery(delivery, w.home)
  if (reading.kind === 'job' && !reading.message.finished) {
    await writeHistory(
      w,
      reading.message.id,
      { delivery: delivery.receiveCount + reading.base, nonce: newNonce() },
      'released',
    )
  }
  await w.queue(status).extend(delivery.receipt, 0)
}
