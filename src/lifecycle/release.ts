import type { Held } from './held.ts'
import { writeHistory } from './history.ts'
import type { Workspace } from './workspace.ts'

/** How a job goes back to its queue. */
export interface Release {
  /** Whole seconds until it is delivered again, from 0 to 900. */
  readonly delaySeconds: number
  /** Whether this delivery counts as an attempt. */
  readonly counted: boolean
}

/** Gives a job back. One that the queue would soon take for poison goes back as a new message with its count written on it. */
export async function release(w: Workspace, held: Held, { delaySeconds, counted }: Release): Promise<void> {
  if (!counted) await writeHistory(w, held.message.id, held, 'released')
  if (held.receiveCount < w.maxReceives - 2) {
    await held.queue.extend(held.receipt, delaySeconds)
    return
  }
  await held.queue.send({
    body: held.body,
    attributes: { id: held.message.id, base: String(held.delivery) },
    delaySeconds,
    group: held.message.group,
  })
  await held.queue.delete(held.receipt)
}

