import { DeleteMessageBatchCommand, DeleteMessageCommand } from '@aws-sdk/client-sqs'
import type { AddressedQueue } from './addressed-queue.ts'
import { numbered, together } from './batch.ts'
import { Batcher, type Fate } from './batcher.ts'
import { call } from './call.ts'
import { reasonOf } from './failure.ts'

/**
 * Removes messages by their receipts, those of one moment together. SQS answers most receipts that are out of date as if it had
 * removed something; the others are no error either.
 */
export function deleter(queue: AddressedQueue): Batcher<string> {
  const send = together<string>(queue, 'DeleteMessage', {
    one: (receipt) => deleteOne(queue, receipt),
    async many(receipts, http) {
      const Entries = numbered(receipts.map((ReceiptHandle) => ({ ReceiptHandle })))
      return queue.sqs.send(new DeleteMessageBatchCommand({ QueueUrl: await queue.url, Entries }), http)
    },
  })
  const forgive = (fate: Fate): Fate => (isOutOfDate(fate) ? undefined : fate)
  return new Batcher({ send: async (receipts) => (await send(receipts)).map(forgive) })
}

async function deleteOne(queue: AddressedQueue, ReceiptHandle: string): Promise<void> {
  const command = new DeleteMessageCommand({ QueueUrl: await queue.url, ReceiptHandle })
  try {
    await call(queue.doing('DeleteMessage'), {}, (http) => queue.sqs.send(command, http))
  } catch (error) {
    if (!isOutOfDate(error)) throw error
  }
}

const isOutOfDate = (error: unknown): boolean => error !== undefined && reasonOf(error) === 'lease-lost'
