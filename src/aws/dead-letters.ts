import { GetQueueAttributesCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs'
import type { QueueAttributeName } from '@aws-sdk/client-sqs'
import type { Place } from '../backend.ts'
import { call } from './call.ts'
import type { Clients } from './clients.ts'
import type { QueueUrls } from './queue-urls.ts'

/** SQS's limit of limits. */
const mostReceives = 1000

/**
 * Moves messages of the pending queue that were received too often to the dead-letter queue. A limit that is there already
 * is raised when it is too low, never lowered, and keeps its own dead-letter queue: somebody chose it.
 */
export async function limitReceives(place: Place, clients: Clients, urls: QueueUrls): Promise<void> {
  const { pendingQueue, deadLetterQueue } = place
  const maxReceives = Math.min(place.maxReceives, mostReceives)
  if (pendingQueue === undefined) return
  const attributeOf = async (queue: string, name: QueueAttributeName): Promise<string | undefined> => {
    const command = new GetQueueAttributesCommand({ QueueUrl: await urls.of(queue), AttributeNames: [name] })
    const { Attributes } = await call({ operation: 'GetQueueAttributes', queue }, {}, (http) =>
      clients.sqs.send(command, http),
    )
    return Attributes?.[name]
  }
  const policy = policyFrom(await attributeOf(pendingQueue, 'RedrivePolicy'))
  if (policy && policy.maxReceiveCount >= maxReceives) return
  const target = policy?.deadLetterTargetArn ?? (await attributeOf(deadLetterQueue, 'QueueArn'))
  const command = new SetQueueAttributesCommand({
    QueueUrl: await urls.of(pendingQueue),
    Attributes: { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: target, maxReceiveCount: maxReceives }) },
  })
  await call({ operation: 'SetQueueAttributes', queue: pendingQueue }, {}, (http) => clients.sqs.send(command, http))
}

interface RedrivePolicy {
  readonly deadLetterTargetArn: string
  readonly maxReceiveCount: number
}

/** SQS gives the limit as a number or as text, whichever it was set as. */
function policyFrom(text: string | undefined): RedrivePolicy | undefined {
  if (text === undefined || text === '') return undefined
  const policy: unknown = JSON.parse(text)
  if (typeof policy !== 'object' || policy === null) return undefined
  if (!('deadLetterTargetArn' in policy) || typeof policy.deadLetterTargetArn !== 'string') return undefined
  const count = 'maxReceiveCount' in policy ? Number(policy.maxReceiveCount) : NaN
  return Number.isInteger(count)
    ? { deadLetterTargetArn: policy.deadLetterTargetArn, maxReceiveCount: count }
    : undefined
}
