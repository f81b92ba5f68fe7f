import type { Estate, Removal, Removed, TearDownOptions } from '../administration.ts'
import { RemoteJobError } from '../errors.ts'
import { settingsFrom } from '../lifecycle/settings.ts'
import { ownPrefixes } from '../protocol/keys.ts'
import { bucketName } from '../protocol/names.ts'
import { type AdminOptions, administer } from './administer.ts'

/**
 * What `tearDown` would remove, with counts. Nothing is removed.
 * @throws RemoteJobError `NOT_FOUND` when nothing of the queue is there, `INVALID_ARGUMENT`, `NO_CREDENTIALS`, `ACCESS_DENIED`,
 * `BUCKET_TAKEN`, `WRONG_REGION`, `UNAVAILABLE`
 */
export async function tearDownPlan(name: string, options: AdminOptions = {}): Promise<readonly Removal[]> {
  const estate = estateOf(name, options)
  return administer(options, async ({ administration }) => {
    const plan = await administration.tearDownPlan(estate, options)
    if (plan.length === 0) throw nothingOf(name, estate)
    return plan
  })
}

/**
 * Removes a queue for good: its message queues with all messages, its objects with all their versions, and its bucket or directory where
 * nothing of others is in it. What cannot be removed is told in the answer and does not keep the rest; to go on, call it again.
 * @throws RemoteJobError the same as `tearDownPlan`
 */
export async function tearDown(
  name: string,
  options: AdminOptions & TearDownOptions = {},
): Promise<readonly Removed[]> {
  const estate = estateOf(name, options)
  return administer(options, async ({ administration }) => {
    const removed = await administration.tearDown(estate, options)
    if (removed.length === 0) throw nothingOf(name, estate)
    return removed
  })
}

/**
 * A bucket of the library's own name is the queue's with all that is in it. In one that was named by its users, what they put there
 * themselves is not; and a prefix says that others use it too.
 */
function estateOf(name: string, options: AdminOptions): Estate {
  const { place, prefix } = settingsFrom(name, options)
  const isOwn = place.bucket === bucketName(name) && prefix === ''
  return {
    queues: [...place.queues.values(), place.deadLetterQueue],
    replies: `${name}-reply-`,
    bucket: place.bucket,
    prefixes: isOwn ? [''] : prefix === '' ? ownPrefixes : [prefix],
    bucketGoes: isOwn ? 'always' : prefix === '' ? 'when empty' : 'never',
  }
}

function nothingOf(name: string, { queues, bucket }: Estate): RemoteJobError {
  return new RemoteJobError(
    'NOT_FOUND',
    `There is nothing of a queue "${name}": neither bucket "${bucket}" with objects of its own nor any of ${queues.map((one) => `"${one}"`).join(', ')}. Check its name and options, the region and the account`,
  )
}
