import { CreateQueueCommand, DeleteQueueCommand } from '@aws-sdk/client-sqs'
import { call } from './call.ts'
import type { Clients } from './clients.ts'
import { reasonOf } from './failure.ts'
import { onceVisible } from './once-visible.ts'
import { QueueUrls } from './queue-urls.ts'

/** Seconds that SQS keeps what nobody took: a day. */
const retentionSeconds = 86_400

/** Makes a requester's reply queue, with a tag by which people find what it is. */
export async function addReplyQueue(name: string, clients: Clients): Promise<void> {
  const command = new CreateQueueCommand({
    QueueName: name,
    Attributes: { MessageRetentionPeriod: String(retentionSeconds) },
    tags: { remotejob: 'reply' },
  })
  await call({ operation: 'CreateQueue', queue: name }, {}, (http) => clients.sqs.send(command, http))
  await onceVisible(() => new QueueUrls(clients).of(name))
}

/** Removes it; one that is not there is no error. */
export async function removeReplyQueue(name: string, clients: Clients): Promise<void> {
  try {
    const QueueUrl = await new QueueUrls(clients).of(name)
    const command = new DeleteQueueCommand({ QueueUrl })
    await call({ operation: 'DeleteQueue', queue: name }, {}, (http) => clients.sqs.send(command, http))
  } catch (error) {
    if (reasonOf(error) !== 'no-queue') throw error
  }
}
