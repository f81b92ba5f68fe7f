import type { Estate, Removal, Removed, TearDownOptions } from '../../administration.ts'
import type { Cancellable } from '../../backend.ts'
import { forEachOf } from '../../for-each-of.ts'
import type { Bucket } from '../bucket.ts'
import { exists } from '../provision-bucket.ts'
import { counts } from './counts.ts'
import { queueNames } from './queue-names.ts'
import { silence, tellings } from './notifications.ts'
import { keepsVersions, objectPages } from './objects.ts'
import { removeBucket, removeObjects, removeQueue, removeUploads } from './remove.ts'
import type { Site } from './site.ts'
import { uploadPages } from './uploads.ts'

/** Requests at the same time. */
const concurrency = 10

/** What there is of an estate. */
export async function tearDownPlan(estate: Estate, site: Site, options: Cancellable): Promise<readonly Removal[]> {
  const found = await queueRemovals(estate, site, options)
  const queues = [...(await tellings(found, site, options)).map(({ removal }) => removal), ...found]
  if (!(await exists(site.bucket))) return queues
  const rest = [...queues, ...(await contentRemovals(estate, site.bucket, options))]
  const { name } = site.bucket
  if (estate.bucketGoes === 'always') return [...rest, { kind: 'bucket', name, count: 1 }]
  if (estate.bucketGoes === 'never' || rest.length === 0) return rest
  return [...rest, { kind: 'bucket', name, count: 1, stays: 'unless nothing of others is in it' }]
}

/** Removes the queues first, so that nobody is given a job whose objects are gone; what fails is told, and the rest goes on. */
export async function tearDown(estate: Estate, site: Site, options: TearDownOptions): Promise<readonly Removed[]> {
  const queues = await queueRemovals(estate, site, options)
  const told = await tellings(queues, site, options)
  const removed: Removed[] = await forEachOf(told, concurrency, (one) => silence(one, site, options))
  removed.push(...(await forEachOf(queues, concurrency, (queue) => removeQueue(queue, site, options))))
  if (!(await exists(site.bucket))) return removed
  const versions = await keepsVersions(site.bucket, options)
  removed.push(...(await removeObjects(estate, site.bucket, versions, options)))
  removed.push(...(await removeUploads(estate, site.bucket, options)))
  if (estate.bucketGoes === 'never' || (estate.bucketGoes === 'when empty' && removed.length === 0)) return removed
  return [...removed, await removeBucket(estate, site.bucket, options)]
}

/** The queues that are there, those for replies among them. */
async function queueRemovals(estate: Estate, site: Site, options: Cancellable): Promise<Removal[]> {
  const { signal } = options
  const replies = await queueNames(site.clients, site.urls, { signal, prefix: estate.replies })
  const found = await forEachOf([...estate.queues, ...replies], concurrency, async (name) => {
    const held = await counts(name, site.clients, site.urls, options)
    return held && { kind: 'queue' as const, name, count: held.waiting + held.delayed + held.inFlight }
  })
  return found.filter((one) => one !== undefined)
}

async function contentRemovals({ prefixes }: Estate, bucket: Bucket, options: Cancellable): Promise<Removal[]> {
  const { name } = bucket
  const keeps = await keepsVersions(bucket, options)
  const count = { objects: 0, versions: 0, uploads: 0 }
  for (const prefix of prefixes) {
    for await (const page of objectPages(bucket, prefix, keeps, options)) {
      const current = page.filter(({ isCurrent }) => isCurrent).length
      count.objects += current
      count.versions += page.length - current
    }
    for await (const page of uploadPages(bucket, prefix, options)) count.uploads += page.length
  }
  const kinds = ['objects', 'versions', 'uploads'] as const
  return kinds.filter((kind) => count[kind] > 0).map((kind) => ({ kind, name, count: count[kind] }))
}
