import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs'
import type { MessageCounts } from '../../administration.ts'
import type { Cancellable } from '../../backend.ts'
import { call } from '../call.ts'
import type { Clients } from '../clients.ts'
import { reasonOf } from '../failure.ts'
import type { QueueUrls } from '../queue-urls.ts'

const names = {
  waiting: 'ApproximateNumberOfMessages',
  delayed: 'ApproximateNumberOfMessagesDelayed',
  inFlight: 'ApproximateNumberOfMessagesNotVisible',
} as const

/** What SQS counts, approximately. It does not tell when the oldest message was sent; only CloudWatch does. */
export async function counts(
  queue: string,
  clients: Clients,
  urls: QueueUrls,
  options: Cancellable,
): Promise<MessageCounts | undefined> {
  try {
    const command = new GetQueueAttributesCommand({
      QueueUrl: await urls.of(queue),
      AttributeNames: Object.values(names),
    })
    const { Attributes = {} } = await call({ operation: 'GetQueueAttributes', queue }, options, (http) =>
      clients.sqs.send(command, http),
    )
    const count = (name: keyof typeof names): number => Number(Attributes[names[name]] ?? 0)
    return {
      waiting: count('waiting'),
      delayed: count('delayed'),
      inFlight: count('inFlight'),
      oldestWaiting: undefined,
    }
  } catch (error) {
    if (reasonOf(error) === 'no-queue') return undefined
    throw error
  }
}
