import { DeleteMessageBatchCommand, DeleteMessageCommand } from '@aws-sdk/client-sqs'
import type { AddressedQueue } from './addressed-queue.ts'
import { fatesFrom, numbered } from './batch.ts'
import { Batcher } from './batcher.ts'
import { call } from './call.ts'
import { fromAws } from './errors.ts'
import { reasonOf } from './failure.ts'

/**
 * Removes messages by their receipts, those of one moment together. SQS answers most receipts that are out of date as if it had
 * removed something; the others are no error either.
 */
export function deleter(queue: AddressedQueue): Batcher<string> {
  return new Batcher({
    async send(receipts) {
      const [first, ...more] = receipts
      if (first === undefined) return []
      if (more.length === 0) return [await deleteOne(queue, first)]
      const entries = numbered(receipts.map((ReceiptHandle) => ({ ReceiptHandle })))
      const command = new DeleteMessageBatchCommand({ QueueUrl: await queue.url, Entries: entries })
      const doing = queue.doing('DeleteMessage')
      const answer = await call(doing, {}, (http) => queue.sqs.send(command, http))
      const again = async (index: number): Promise<void> => deleteOne(queue, receipts[index] ?? first)
      const fates = await fatesFrom(answer, receipts.length, again, (error) => fromAws(error, doing))
      return fates.map((fate) => (isOutOfDate(fate) ? undefined : fate))
    },
  })
}

async function deleteOne(queue: AddressedQueue, ReceiptHandle: string): Promise<undefined> {
  const command = new DeleteMessageCommand({ QueueUrl: await queue.url, ReceiptHandle })
  try {
    await call(queue.doing('DeleteMessage'), {}, (http) => queue.sqs.send(command, http))
  } catch (error) {
    if (!isOutOfDate(error)) throw error
  }
}

const isOutOfDate = (error: unknown): boolean => error !== undefined && reasonOf(error) === 'lease-lost'
