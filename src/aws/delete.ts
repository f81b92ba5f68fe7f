import { DeleteMessageCommand } from '@aws-sdk/client-sqs'
import type { Cancellable } from '../backend.ts'
import type { AddressedQueue } from './addressed-queue.ts'
import { call } from './call.ts'
import { reasonOf } from './failure.ts'

/** Removes a message. SQS answers most receipts that are out of date as if it had; the others are no error either. */
export async function deleteMessage(queue: AddressedQueue, receipt: string, options: Cancellable): Promise<void> {
  options.signal?.throwIfAborted()
  const command = new DeleteMessageCommand({ QueueUrl: await queue.url, ReceiptHandle: receipt })
  try {
    await call(queue.doing('DeleteMessage'), options, (http) => queue.sqs.send(command, http))
  } catch (error) {
    if (reasonOf(error) !== 'lease-lost') throw error
  }
}
