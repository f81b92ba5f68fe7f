import { DeleteBucketCommand } from '@aws-sdk/client-s3'
import { DeleteQueueCommand } from '@aws-sdk/client-sqs'
import type { Estate, Removal, Removed, TearDownOptions } from '../../administration.ts'
import type { Cancellable } from '../../backend.ts'
import { isRemoteJobError, type RemoteJobError } from '../../errors.ts'
import { forEachOf } from '../../for-each-of.ts'
import type { Bucket } from '../bucket.ts'
import { call } from '../call.ts'
import { reasonOf } from '../failure.ts'
import { list } from '../list.ts'
import { deleteObjects } from './delete-objects.ts'
import { objectPages } from './objects.ts'
import type { Site } from './site.ts'
import { abortUpload, uploadPages } from './uploads.ts'

/** Requests at the same time. */
const concurrency = 10

/** Removes a queue with its messages; one that somebody else has just removed is gone as well. */
export async function removeQueue(queue: Removal, { clients, urls }: Site, options: TearDownOptions): Promise<Removed> {
  const { name } = queue
  const error = await failureOf(options, async () => {
    try {
      const command = new DeleteQueueCommand({ QueueUrl: await urls.of(name) })
      await call({ operation: 'DeleteQueue', queue: name }, options, (http) => clients.sqs.send(command, http))
    } catch (failure) {
      if (reasonOf(failure) !== 'no-queue') throw failure
    }
  })
  if (error) return { ...queue, count: 0, error }
  options.onProgress?.('queue', 1)
  return queue
}

/** Removes the objects of an estate, a thousand a request, with all their versions where the bucket keeps them. */
export async function removeObjects(
  { prefixes }: Estate,
  bucket: Bucket,
  versions: boolean,
  options: TearDownOptions,
): Promise<Removed[]> {
  const gone = { objects: 0, versions: 0 }
  let refused: RemoteJobError | undefined
  const failed = await failureOf(options, async () => {
    for (const prefix of prefixes) {
      for await (const page of objectPages(bucket, prefix, versions, options)) {
        if (page.length === 0) continue
        const deletion = await deleteObjects(bucket, page, options)
        refused ??= deletion.error
        const current = deletion.gone.filter(({ isCurrent }) => isCurrent).length
        gone.objects += current
        gone.versions += deletion.gone.length - current
        options.onProgress?.('objects', gone.objects)
      }
    }
  })
  return [
    ...told({ kind: 'objects', name: bucket.name, count: gone.objects, error: failed ?? refused }),
    ...told({ kind: 'versions', name: bucket.name, count: gone.versions }),
  ]
}

/** Takes back what nobody finished to upload. */
export async function removeUploads(
  { prefixes }: Estate,
  bucket: Bucket,
  options: TearDownOptions,
): Promise<Removed[]> {
  let count = 0
  const error = await failureOf(options, async () => {
    for (const prefix of prefixes) {
      for await (const page of uploadPages(bucket, prefix, options)) {
        await forEachOf(page, concurrency, (upload) => abortUpload(bucket, upload, options))
        count += page.length
        options.onProgress?.('uploads', count)
      }
    }
  })
  return told({ kind: 'uploads', name: bucket.name, count, error })
}

/** Removes the bucket, unless something is in it that is not ours. */
export async function removeBucket(estate: Estate, bucket: Bucket, options: TearDownOptions): Promise<Removed> {
  const { name } = bucket
  let stays: string | undefined
  const error = await failureOf(options, async () => {
    if (estate.bucketGoes === 'when empty') {
      const { objects } = await list(bucket, '', { signal: options.signal, limit: 1 })
      if (objects.length > 0) stays = 'objects of others are in it'
    }
    if (stays === undefined) await deleteBucket(bucket, options)
  })
  if (error) return { kind: 'bucket', name, count: 0, error }
  if (stays !== undefined) return { kind: 'bucket', name, count: 0, stays }
  options.onProgress?.('bucket', 1)
  return { kind: 'bucket', name, count: 1 }
}

async function deleteBucket(bucket: Bucket, options: Cancellable): Promise<void> {
  const command = new DeleteBucketCommand(bucket.named)
  try {
    await call(bucket.doing('DeleteBucket'), options, (http) => bucket.s3.send(command, http))
  } catch (error) {
    if (reasonOf(error) !== 'no-bucket') throw error
  }
}

/** A kind of which there was nothing is not worth a word. */
const told = (removed: Removed): Removed[] => (removed.count > 0 || removed.error ? [removed] : [])

/** Why something could not be done; whoever aborts is told at once. */
async function failureOf({ signal }: Cancellable, work: () => Promise<void>): Promise<RemoteJobError | undefined> {
  try {
    await work()
    return undefined
  } catch (error) {
    signal?.throwIfAborted()
    if (isRemoteJobError(error)) return error
    throw error
  }
}
