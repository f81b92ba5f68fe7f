import type { Removal, Removed, TearDownOptions } from '../../administration.ts'
import type { Cancellable } from '../../backend.ts'
import { isRemoteJobError } from '../../errors.ts'
import { forEachOf } from '../../for-each-of.ts'
import { AwsObjectEvents } from '../events/object-events.ts'
import { QueuePolicy } from '../events/queue-policy.ts'
import type { Site } from './site.ts'

/** A queue that a bucket tells of its objects. */
interface Telling {
  readonly queue: string
  readonly removal: Removal
}

/**
 * The buckets that tell queues of their objects. With a rule that names a queue which is not there any more, S3 would refuse every
 * change that others make to the notifications of such a bucket.
 */
export async function tellings(
  queues: readonly Pick<Removal, 'name'>[],
  { clients, urls }: Site,
  options: Cancellable,
): Promise<readonly Telling[]> {
  const found = await forEachOf(queues, 10, async ({ name }) => {
    const buckets = await new QueuePolicy(name, clients, urls).buckets(options)
    return buckets.map((bucket) => ({
      queue: name,
      removal: { kind: 'notifications' as const, name: bucket, count: 1 },
    }))
  })
  return found.flat()
}

/** Makes a bucket tell nothing any more. */
export async function silence(
  { queue, removal }: Telling,
  { clients, urls }: Site,
  options: TearDownOptions,
): Promise<Removed> {
  try {
    await new AwsObjectEvents(clients, urls).silence(removal.name, queue, options)
    options.onProgress?.('notifications', 1)
    return removal
  } catch (error) {
    options.signal?.throwIfAborted()
    if (isRemoteJobError(error)) return { ...removal, count: 0, error }
    throw error
  }
}
