import {
  CreateBucketCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  PutBucketLifecycleConfigurationCommand,
} from '@aws-sdk/client-s3'
import type { BucketLocationConstraint, CreateBucketCommandInput } from '@aws-sdk/client-s3'
import type { Place } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import { abandonedUploads } from './blueprint.ts'
import type { Bucket } from './bucket.ts'
import { call } from './call.ts'
import { failureOf, reasonOf } from './failure.ts'
import { probe } from './probe.ts'
import { retain } from './retention.ts'

/** Finds the bucket, or makes it. It is looked for first: in us-east-1 making one's own again resets its permissions. */
export async function provisionBucket(bucket: Bucket, { provision, expiries }: Place): Promise<void> {
  const found = await exists(bucket)
  if (provision === 'never') {
    if (found) return
    throw new RemoteJobError(
      'NOT_FOUND',
      `The bucket "${bucket.name}" does not exist, and \`provision\` is 'never': call ready() once with \`provision: 'auto'\` and credentials that may create it`,
    )
  }
  const isNew = !found && (await create(bucket))
  if (expiries) await retain(bucket, expiries, isNew ? [abandonedUploads] : undefined)
  else if (isNew) await forgetAbandonedUploads(bucket)
  await probe(bucket)
}

/** @throws RemoteJobError `BUCKET_TAKEN`, `ACCESS_DENIED`, `WRONG_REGION` for a bucket that is there, but not for us */
export async function exists(bucket: Bucket): Promise<boolean> {
  const command = new HeadBucketCommand(bucket.named)
  try {
    await call(bucket.doing('HeadBucket'), {}, (http) => bucket.s3.send(command, http))
    return true
  } catch (error) {
    const reason = reasonOf(error)
    if (reason === 'missing' || reason === 'no-bucket') return false
    if (reason === 'denied' || reason === 'invalid') return await canList(bucket)
    throw error
  }
}

/**
 * The answer to a HEAD does not say why it refuses; that to a GET does. Within the bucket's own account AWS names the missing permission, to others
 * it only says "Access Denied".
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html
 */
async function canList(bucket: Bucket): Promise<true> {
  const command = new ListObjectsV2Command({ ...bucket.named, MaxKeys: 1 })
  try {
    await call(bucket.doing('HeadBucket'), {}, (http) => bucket.s3.send(command, http))
    return true
  } catch (error) {
    const { reason, message } = failureOf(error instanceof RemoteJobError ? error.cause : error)
    if (reason !== 'denied' || /is not authorized to perform/.test(message)) throw error
    throw new RemoteJobError(
      'BUCKET_TAKEN',
      `The bucket "${bucket.name}" exists, but not for these credentials: it belongs to another AWS account (everybody's buckets share one space of names: choose another with \`bucket\`), or s3:ListBucket on it is not granted`,
      { cause: error },
    )
  }
}

/** Whether it was made here; somebody may be making it at the same time. */
async function create(bucket: Bucket): Promise<boolean> {
  try {
    await call(bucket.doing('CreateBucket'), {}, async (http) => {
      const region = await bucket.s3.config.region()
      return await bucket.s3.send(new CreateBucketCommand({ Bucket: bucket.name, ...locationIn(region) }), http)
    })
    return true
  } catch (error) {
    const reason = reasonOf(error)
    if (reason === 'owned') return false
    if (reason === 'missing')
      throw new RemoteJobError(
        'UNAVAILABLE',
        `What was asked to make bucket "${bucket.name}" is no S3 (it has nothing there): check \`endpoint\``,
        { cause: error },
      )
    if ((reason === 'taken' || reason === 'conflict') && (await exists(bucket))) return false
    throw error
  }
}

/** S3 refuses to be told of its oldest region. */
function locationIn(region: string): Pick<CreateBucketCommandInput, 'CreateBucketConfiguration'> {
  return isLocation(region) ? { CreateBucketConfiguration: { LocationConstraint: region } } : {}
}

/** The SDK's own list of regions is only as new as the SDK. */
function isLocation(region: string): region is BucketLocationConstraint {
  return region !== 'us-east-1'
}

/** Saves money, nothing depends on it: a server without lifecycle rules, or a missing permission, is no failure. */
async function forgetAbandonedUploads(bucket: Bucket): Promise<void> {
  const command = new PutBucketLifecycleConfigurationCommand({
    ...bucket.named,
    LifecycleConfiguration: { Rules: [abandonedUploads] },
  })
  try {
    await call(bucket.doing('PutBucketLifecycleConfiguration'), {}, (http) => bucket.s3.send(command, http))
  } catch {
    // see above
  }
}
