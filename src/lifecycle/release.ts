import type { RecordedError } from '../protocol/record.ts'
import type { Held } from './held.ts'
import { writeHistory } from './history.ts'
import type { Workspace } from './workspace.ts'

/** How a job goes back to its queue. */
export interface Release {
  /** Whole seconds until it is delivered again, from 0 to 900. */
  readonly delaySeconds: number
  /** Whether this delivery counts as an attempt. */
  readonly counted: boolean
  /** Why it goes back, for the job's history. */
  readonly error?: RecordedError | undefined
}

/**
 * Gives a job back, and notes it first: a start with no end would count as a crash. One that the queue would soon take for poison
 * goes back as a new message with its count written on it.
 */
export async function release(w: Workspace, held: Held, { delaySeconds, counted, error }: Release): Promise<void> {
  if (!held.message.finished) await writeHistory(w, held.message.id, held, counted ? 'failed' : 'released', error)
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

