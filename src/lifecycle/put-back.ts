import type { MessageQueue } from '../backend.ts'
import type { Workspace } from './workspace.ts'

/** A message that is to be seen again later. */
export interface Renewable {
  readonly queue: MessageQueue
  readonly receipt: string
  readonly body: string
  readonly attributes: Readonly<Record<string, string>>
  readonly receiveCount: number
  /** Which delivery of the job this is, over all messages that stood for it. */
  readonly delivery: number
  readonly group?: string | undefined
}

/** Whether a message goes back as a new one, since its queue would soon take it for poison. */
export function isWorn(w: Workspace, { receiveCount }: Pick<Renewable, 'receiveCount'>): boolean {
  return receiveCount >= w.maxReceives - 2
}

/**
 * Makes a message visible again after `delaySeconds` (0 to 900). One that the queue would soon take for poison goes back as a new
 * message, word for word, with its count written on it; a crash between the two leaves both, and both stand for one job.
 */
export async function putBack(w: Workspace, message: Renewable, delaySeconds: number): Promise<void> {
  const { queue, receipt, body, delivery, group } = message
  if (!isWorn(w, message)) {
    await queue.extend(receipt, delaySeconds)
    return
  }
  await queue.send({ body, attributes: { ...message.attributes, base: String(delivery) }, delaySeconds, group })
  await queue.delete(receipt)
}
