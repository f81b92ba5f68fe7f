import { GetQueueAttributesCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs'
import type { QueueAttributeName } from '@aws-sdk/client-sqs'
import type { Place } from '../backend.ts'
import { receiveLimit } from './blueprint.ts'
import { call } from './call.ts'
import type { Clients } from './clients.ts'
import type { QueueUrls } from './queue-urls.ts'

/**
 * Moves messages of the pending queue that were received too often to the dead-letter queue. A limit that is there already
 * is raised when it is too low, never lowered, and keeps its own dead-letter queue: somebody chose it.
 */
export async function limitReceives(place: Place, clients: Clients, urls: QueueUrls): Promise<void> {
  const { pendingQueue, deadLetterQueue } = place
  if (pendingQueue === undefined) return
  const found = await redrivePolicyOf(pendingQueue, clients, urls)
  if (isEnough(found, place)) return
  const target = found?.deadLetterTargetArn ?? (await attributeOf(deadLetterQueue, 'QueueArn', clients, urls))
  const wanted = { deadLetterTargetArn: target, maxReceiveCount: receiveLimit(place) }
  const command = new SetQueueAttributesCommand({
    QueueUrl: await urls.of(pendingQueue),
    Attributes: { RedrivePolicy: JSON.stringify(wanted) },
  })
  await call({ operation: 'SetQueueAttributes', queue: pendingQueue }, {}, (http) => clients.sqs.send(command, http))
}

/** Whether messages that were received too often are moved somewhere, but none that still have a chance. */
export function isEnough(policy: RedrivePolicy | undefined, place: Place): boolean {
  return policy !== undefined && policy.maxReceiveCount >= receiveLimit(place)
}

/** Where a queue's messages are moved that were received too often. */
export async function redrivePolicyOf(
  queue: string,
  clients: Clients,
  urls: QueueUrls,
): Promise<RedrivePolicy | undefined> {
  return policyFrom(await attributeOf(queue, 'RedrivePolicy', clients, urls))
}

async function attributeOf(
  queue: string,
  name: QueueAttributeName,
  clients: Clients,
  urls: QueueUrls,
): Promise<string | undefined> {
  const command = new GetQueueAttributesCommand({ QueueUrl: await urls.of(queue), AttributeNames: [name] })
  const { Attributes } = await call({ operation: 'GetQueueAttributes', queue }, {}, (http) =>
    clients.sqs.send(command, http),
  )
  return Attributes?.[name]
}

export interface RedrivePolicy {
  readonly deadLetterTargetArn: string
  readonly maxReceiveCount: number
}

/** SQS gives the limit as a number or as text, whichever it was set as. */
export function policyFrom(text: string | undefined): RedrivePolicy | undefined {
  if (text === undefined || text === '') return undefined
  const policy: unknown = JSON.parse(text)
  if (typeof policy !== 'object' || policy === null) return undefined
  if (!('deadLetterTargetArn' in policy) || typeof policy.deadLetterTargetArn !== 'string') return undefined
  const count = 'maxReceiveCount' in policy ? Number(policy.maxReceiveCount) : NaN
  return Number.isInteger(count)
    ? { deadLetterTargetArn: policy.deadLetterTargetArn, maxReceiveCount: count }
    : undefined
}
