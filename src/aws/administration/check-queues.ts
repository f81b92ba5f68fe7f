import type { Check, Subject, Verdict } from '../../administration.ts'
import type { Cancellable } from '../../backend.ts'
import { doubtful, well, wrong } from '../../verdict.ts'
import { queueAttributes, queuesOf, receiveLimit } from '../blueprint.ts'
import { isEnough, policyFrom } from '../dead-letters.ts'
import { attributesOf } from './provision-plan.ts'
import type { Site } from './site.ts'

/** What can be looked at of the queues. */
export function queueChecks(site: Site, { place }: Subject): Check[] {
  const names = queuesOf(place)
  const settings = names.map((name) => ({
    check: `queue ${name}`,
    run: (options: Cancellable) => checkSettings(name, site, queueAttributes(place).MessageRetentionPeriod, options),
  }))
  const { pendingQueue } = place
  if (pendingQueue === undefined) return settings
  const run = (options: Cancellable) => checkDeadLetters(pendingQueue, site, place, options)
  return [...settings, { check: `dead letters of ${pendingQueue}`, run }]
}

async function checkSettings(name: string, site: Site, retention: string, options: Cancellable): Promise<Verdict> {
  const found = await attributesOf(name, site.clients, site.urls, options)
  if (!found)
    return wrong('it does not exist', 'Make it: run `provision`, or check the name, the region and the account.')
  const { MessageRetentionPeriod: kept, KmsMasterKeyId: key, SqsManagedSseEnabled: managed, Policy } = found
  if (kept === undefined) return unseen(name)
  const encryption = key ? `encrypted with ${key}` : managed === 'false' ? 'not encrypted' : 'encrypted by SQS'
  const days = Number(kept) / 86_400
  const detail = `keeps messages for ${days} days, ${encryption}, ${Policy ? 'with' : 'without'} a policy of its own`
  if (Number(kept) >= Number(retention)) return well(detail)
  return doubtful(detail, 'Set MessageRetentionPeriod to 1209600 (14 days): jobs that wait for longer are forgotten.')
}

async function checkDeadLetters(
  name: string,
  site: Site,
  place: Subject['place'],
  options: Cancellable,
): Promise<Verdict> {
  const found = await attributesOf(name, site.clients, site.urls, options)
  if (!found) return wrong('there is no such queue', 'Make it: run `provision`.')
  if (found['MessageRetentionPeriod'] === undefined) return unseen(name)
  const policy = policyFrom(found['RedrivePolicy'])
  if (!policy)
    return wrong('no dead-letter queue', 'Run `provision`: a job that kills its worker would come back for ever.')
  const target = policy.deadLetterTargetArn.split(':').at(-1) ?? ''
  const detail = `go to ${target} after ${policy.maxReceiveCount} receives`
  if (target !== place.deadLetterQueue)
    return doubtful(
      detail,
      `Point the redrive policy at ${place.deadLetterQueue}: \`dead\` and \`reap\` look only there.`,
    )
  if (isEnough(policy, place)) return well(detail)
  return doubtful(
    detail,
    `Run \`provision\` to raise that to ${receiveLimit(place)}: jobs would be moved that have attempts left.`,
  )
}

const unseen = (name: string): Verdict =>
  doubtful(
    'its settings may not be looked at',
    `Grant sqs:GetQueueAttributes on ${name} to look at this; jobs do without.`,
  )
