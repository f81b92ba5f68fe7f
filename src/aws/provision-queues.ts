import { CreateQueueCommand } from '@aws-sdk/client-sqs'
import type { Place } from '../backend.ts'
import { RemoteJobError, hasCode } from '../errors.ts'
import { allSettled } from './all-settled.ts'
import { queueAttributes, queuesOf } from './blueprint.ts'
import { call } from './call.ts'
import type { Clients } from './clients.ts'
import { limitReceives } from './dead-letters.ts'
import { reasonOf } from './failure.ts'
import { onceVisible } from './once-visible.ts'
import type { QueueUrls } from './queue-urls.ts'

/** Finds the queues, or makes them, and then binds the pending queue to the dead-letter queue. */
export async function provisionQueues(place: Place, clients: Clients, urls: QueueUrls): Promise<void> {
  const made = await allSettled(queuesOf(place).map((name) => provisionQueue(name, place, clients, urls)))
  if (place.provision === 'never') return
  try {
    await onceVisible(() => limitReceives(place, clients, urls))
  } catch (error) {
    // Where all was there already, whoever may not look at its attributes takes it as it is.
    if (made.includes(true) || !hasCode(error, 'ACCESS_DENIED')) throw error
  }
}

/** Whether it was not there before. */
async function provisionQueue(name: string, place: Place, clients: Clients, urls: QueueUrls): Promise<boolean> {
  try {
    await urls.of(name)
    return false
  } catch (error) {
    if (reasonOf(error) !== 'no-queue') throw error
    if (place.provision === 'never') throw missing(name, error)
    await create(name, place, clients, urls)
    return true
  }
}

/** SQS refuses to make a queue that is there with other attributes: then somebody else has just made it. */
async function create(name: string, place: Place, clients: Clients, urls: QueueUrls): Promise<void> {
  const command = new CreateQueueCommand({
    QueueName: name,
    Attributes: queueAttributes(place),
  })
  try {
    await call({ operation: 'CreateQueue', queue: name }, {}, (http) => clients.sqs.send(command, http))
  } catch (error) {
    if (reasonOf(error) !== 'queue-exists') throw error
  }
  await onceVisible(() => urls.of(name))
}

function missing(queue: string, cause: unknown): RemoteJobError {
  return new RemoteJobError(
    'NOT_FOUND',
    `The queue "${queue}" does not exist, and \`provision\` is 'never': call ready() once with \`provision: 'auto'\` and credentials that may create it`,
    { cause },
  )
}
