import type { Delivery, MessageQueue } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import type { Workspace } from './workspace.ts'

/** Longest reason: SQS counts attributes into the message's size, and a reason is for people. */
const maxReasonLength = 1000

/**
 * Moves a message that no worker can read to the dead-letter queue, with why; it is deleted only when the copy is there.
 * Where the copy cannot be made the message rests for a while, and the queue's own receive limit moves it in the end.
 */
export async function setAside(
  w: Workspace,
  queue: MessageQueue,
  delivery: Delivery,
  reason: string,
): Promise<undefined> {
  w.report(
    new RemoteJobError('MALFORMED_MESSAGE', `Message ${delivery.messageId} goes to the dead-letter queue: ${reason}`),
  )
  try {
    await toDeadLetters(w, delivery.body, delivery.attributes, reason)
  } catch {
    await queue.extend(delivery.receipt, 60)
    return undefined
  }
  await queue.delete(delivery.receipt)
  return undefined
}

/** Keeps a copy of what cannot be read, with why. */
export async function toDeadLetters(
  w: Workspace,
  body: string,
  attributes: Delivery['attributes'],
  reason: string,
): Promise<void> {
  await w.deadLetters.send({ body, attributes: { ...attributes, reason: printable(reason) } })
}

/** SQS refuses control characters in attributes. */
function printable(reason: string): string {
  return reason.replaceAll(/[^\x20-\x7e\u00a0-\ud7ff]/g, '?').slice(0, maxReasonLength)
}
