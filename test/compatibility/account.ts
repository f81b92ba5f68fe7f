import { DeleteBucketCommand, DeleteObjectsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { DeleteQueueCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { Place } from '../../src/backend.ts'
import { forEachOf } from '../../src/for-each-of.ts'
import type { Ground } from './ground.ts'

/** Deletions at the same time. */
const concurrency = 10

/** The AWS account that the environment leads to; what the tests made there is deleted at the end. */
export function useAccount(): Ground {
  const s3 = new S3Client({})
  const sqs = new SQSClient({})
  const buckets = new Set<string>()
  const queues = new Set<string>()
  return {
    used(place: Place) {
      buckets.add(place.bucket)
      for (const queue of [...place.queues.values(), place.deadLetterQueue]) queues.add(queue)
    },
    async close() {
      await forEachOf([...buckets], concurrency, (bucket) => unlessAbsent(deleteBucket(s3, bucket)))
      await forEachOf([...queues], concurrency, (queue) => unlessAbsent(deleteQueue(sqs, queue)))
      s3.destroy()
      sqs.destroy()
    },
  }
}

async function deleteBucket(s3: S3Client, Bucket: string): Promise<void> {
  for (let more = true; more;) {
    const { Contents = [], IsTruncated } = await s3.send(new ListObjectsV2Command({ Bucket }))
    const Objects = Contents.map(({ Key }) => ({ Key }))
    if (Objects.length > 0) await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
    more = IsTruncated === true
  }
  await s3.send(new DeleteBucketCommand({ Bucket }))
}

async function deleteQueue(sqs: SQSClient, QueueName: string): Promise<void> {
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }))
  await sqs.send(new DeleteQueueCommand({ QueueUrl }))
}

/** A test that failed early, or that wants things to be missing, made less than it named. */
async function unlessAbsent(deletion: Promise<void>): Promise<void> {
  try {
    await deletion
  } catch (error) {
    const name = error instanceof Error ? error.name : ''
    if (!['NoSuchBucket', 'QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue'].includes(name)) throw error
  }
}
