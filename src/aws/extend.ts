import { ChangeMessageVisibilityCommand } from '@aws-sdk/client-sqs'
import type { Cancellable } from '../backend.ts'
import type { AddressedQueue } from './addressed-queue.ts'
import { call } from './call.ts'

/** Sets when a message becomes visible again. */
export async function extend(
  queue: AddressedQueue,
  receipt: string,
  seconds: number,
  options: Cancellable,
): Promise<void> {
  options.signal?.throwIfAborted()
  const target = { QueueUrl: await queue.url, ReceiptHandle: receipt }
  const command = new ChangeMessageVisibilityCommand({ ...target, VisibilityTimeout: seconds })
  await call(queue.doing('ChangeMessageVisibility'), options, (http) => queue.sqs.send(command, http))
}
