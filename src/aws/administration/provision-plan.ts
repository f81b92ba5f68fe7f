import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs'
import type { Difference, ProvisionStep } from '../../administration.ts'
import type { Cancellable, Place } from '../../backend.ts'
import { hasCode } from '../../errors.ts'
import { abandonedUploads, queueAttributes, queuesOf, receiveLimit } from '../blueprint.ts'
import type { Bucket } from '../bucket.ts'
import { daysIn, rulesOf } from '../retention.ts'
import { retentionSteps } from '../../retention-steps.ts'
import { call } from '../call.ts'
import type { Clients } from '../clients.ts'
import { isEnough, policyFrom } from '../dead-letters.ts'
import { reasonOf } from '../failure.ts'
import { probeKey } from '../probe.ts'
import { exists } from '../provision-bucket.ts'
import type { QueueUrls } from '../queue-urls.ts'

/** What provisioning would do to the bucket: the same looks, from the same blueprint, and no writing. */
export async function bucketPlan(
  bucket: Bucket,
  place: Place,
  options: Cancellable,
): Promise<readonly ProvisionStep[]> {
  const { name } = bucket
  const found = await exists(bucket)
  const days = String(abandonedUploads.AbortIncompleteMultipartUpload.DaysAfterInitiation)
  const uploads = found ? await forgottenAfter(bucket, options) : undefined
  return [
    { kind: 'bucket', name, action: found ? 'keep' : 'create', settings: {}, differences: [] },
    {
      kind: 'uploads rule',
      name,
      action: found ? 'keep' : 'create',
      settings: { DaysAfterInitiation: days },
      differences: uploads === undefined || uploads === days ? [] : [differs('DaysAfterInitiation', uploads, days)],
    },
    ...(await retentionPlan(bucket, place, found, options)),
    { kind: 'conditional writes', name, action: 'try', settings: { Key: probeKey }, differences: [] },
  ]
}

/** Looked at only where somebody wants it; who may not look is told, as in provisioning. */
async function retentionPlan(
  bucket: Bucket,
  place: Place,
  isThere: boolean,
  options: Cancellable,
): Promise<readonly ProvisionStep[]> {
  const { Rules = [] } = place.expiries && isThere ? await rulesOf(bucket, options) : {}
  return retentionSteps(place, (prefix) => daysIn(Rules, prefix))
}

/** What provisioning would do to the queues. */
export async function queuesPlan(
  place: Place,
  clients: Clients,
  urls: QueueUrls,
  options: Cancellable,
): Promise<readonly ProvisionStep[]> {
  const names = queuesOf(place)
  const found = await Promise.all(names.map((name) => attributesOf(name, clients, urls, options)))
  const wanted = queueAttributes(place)
  const queues = names.map((name, index): ProvisionStep => {
    const attributes = found[index]
    return {
      kind: 'queue',
      name,
      action: attributes ? 'keep' : 'create',
      settings: wanted,
      differences: attributes ? differences(attributes, wanted) : [],
    }
  })
  const { pendingQueue } = place
  if (pendingQueue === undefined) return queues
  return [...queues, redriveStep(place, pendingQueue, found[names.indexOf(pendingQueue)])]
}

type Attributes = Readonly<Partial<Record<string, string>>>

function redriveStep(place: Place, name: string, attributes: Attributes | undefined): ProvisionStep {
  const policy = policyFrom(attributes?.['RedrivePolicy'])
  const target = policy?.deadLetterTargetArn.split(':').at(-1)
  const settings = { maxReceiveCount: String(receiveLimit(place)), deadLetterQueue: place.deadLetterQueue }
  const unknown = attributes !== undefined && Object.keys(attributes).length === 0
  const is = { maxReceiveCount: String(policy?.maxReceiveCount), deadLetterQueue: target }
  return {
    kind: 'dead-letter policy',
    name,
    action: unknown || isEnough(policy, place) ? 'keep' : policy ? 'change' : 'create',
    settings,
    differences: policy ? differences(is, settings) : [],
  }
}

/** None where there is no such queue; empty where nobody may look, as provisioning then takes the queue as it is. */
export async function attributesOf(
  queue: string,
  clients: Clients,
  urls: QueueUrls,
  options: Cancellable,
): Promise<Attributes | undefined> {
  try {
    const command = new GetQueueAttributesCommand({ QueueUrl: await urls.of(queue), AttributeNames: ['All'] })
    const { Attributes = {} } = await call({ operation: 'GetQueueAttributes', queue }, options, (http) =>
      clients.sqs.send(command, http),
    )
    return Attributes
  } catch (error) {
    if (reasonOf(error) === 'no-queue') return undefined
    if (hasCode(error, 'ACCESS_DENIED')) return {}
    throw error
  }
}

function differences(found: Attributes, wanted: Readonly<Record<string, string>>): Difference[] {
  return Object.entries(wanted).flatMap(([setting, value]) => {
    const is = found[setting]
    return is === undefined || is === value ? [] : [differs(setting, is, value)]
  })
}

const differs = (setting: string, found: string, wanted: string): Difference => ({ setting, found, wanted })

/** Days, `never`, or `undefined` where that cannot be told: nothing depends on it. */
async function forgottenAfter(bucket: Bucket, options: Cancellable): Promise<string | undefined> {
  try {
    const { Rules = [] } = await rulesOf(bucket, options)
    const days = Rules.flatMap((rule) => rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation ?? [])
    return days.length === 0 ? 'never' : String(Math.min(...days))
  } catch {
    options.signal?.throwIfAborted()
    return undefined
  }
}
