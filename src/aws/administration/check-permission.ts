import { AbortMultipartUploadCommand, DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs'
import type { Check, Grant } from '../../administration.ts'
import type { Cancellable } from '../../backend.ts'
import { RemoteJobError } from '../../errors.ts'
import { well } from '../../verdict.ts'
import type { Bucket } from '../bucket.ts'
import { call } from '../call.ts'
import { type Reason, reasonOf } from '../failure.ts'
import { list } from '../list.ts'
import { head } from '../read.ts'
import type { Site } from './site.ts'

/** Nothing is ever at a key that ends so. */
const nobody = 'remotejob-doctor'
/** No message: SQS takes neither that character nor so long a delay. */
const noMessage = { MessageBody: '\0', DelaySeconds: 901 } as const
/** Answers to a request that was let in, and then found to make no sense: that is what it was made for. */
const understood: readonly Reason[] = ['invalid', 'lease-lost', 'missing', 'no-upload']

/**
 * Asks for what the permission is for, in a way that has no effect: a key or a receipt that nobody has, a sum or a number that cannot
 * be. Whoever lacks the permission is refused for that first.
 */
export function permissionCheck(grant: Grant, site: Site): Check {
  const { action, folder, queue } = grant
  const target = queue ?? (folder === undefined ? site.bucket.name : `${site.bucket.name}/${folder}*`)
  return {
    check: `${action} on ${target}`,
    async run(options) {
      try {
        await (queue === undefined ? askS3(grant, site.bucket, options) : askSqs(action, queue, site, options))
      } catch (error) {
        options.signal?.throwIfAborted()
        if (!understood.includes(reasonOf(error))) throw error
      }
      return well('granted')
    },
  }
}

async function askS3({ action, folder = '' }: Grant, bucket: Bucket, options: Cancellable): Promise<void> {
  const Key = folder + nobody
  const named = { ...bucket.named, Key }
  switch (action) {
    case 's3:ListBucket':
      await list(bucket, '', { signal: options.signal, limit: 1 })
      return
    case 's3:GetObject':
      await head(bucket, Key, options)
      return
    case 's3:PutObject':
      return await putInVain(bucket, Key, options)
    case 's3:DeleteObject':
      await call(bucket.doing('DeleteObject', Key), options, (http) =>
        bucket.s3.send(new DeleteObjectCommand(named), http),
      )
      return
    case 's3:AbortMultipartUpload':
      await call(bucket.doing('AbortMultipartUpload', Key), options, (http) =>
        bucket.s3.send(new AbortMultipartUploadCommand({ ...named, UploadId: nobody }), http),
      )
      return
    default:
      throw unknown(action)
  }
}

/** The sum is of other bytes, so that nothing is written. A server that writes all the same is rid of it at once. */
async function putInVain(bucket: Bucket, Key: string, options: Cancellable): Promise<void> {
  const command = new PutObjectCommand({
    ...bucket.named,
    Key,
    Body: Buffer.from('-'),
    ContentMD5: 'AAAAAAAAAAAAAAAAAAAAAA==',
  })
  await call(bucket.doing('PutObject', Key), options, (http) => bucket.s3.send(command, http))
  const removal = new DeleteObjectCommand({ ...bucket.named, Key })
  await call(bucket.doing('DeleteObject', Key), options, (http) => bucket.s3.send(removal, http))
}

async function askSqs(action: string, queue: string, { clients, urls }: Site, options: Cancellable): Promise<void> {
  const { sqs } = clients
  const QueueUrl = await urls.of(queue)
  switch (action) {
    case 'sqs:GetQueueUrl':
      return
    case 'sqs:SendMessage': {
      const command = new SendMessageCommand({ QueueUrl, ...noMessage })
      await call({ operation: 'SendMessage', queue }, options, (http) => sqs.send(command, http))
      return
    }
    case 'sqs:ReceiveMessage': {
      const limits = { MaxNumberOfMessages: 0, VisibilityTimeout: 0, WaitTimeSeconds: 0 }
      const command = new ReceiveMessageCommand({ QueueUrl, ...limits })
      await call({ operation: 'ReceiveMessage', queue }, options, (http) => sqs.send(command, http))
      return
    }
    case 'sqs:DeleteMessage': {
      const command = new DeleteMessageCommand({ QueueUrl, ReceiptHandle: nobody })
      await call({ operation: 'DeleteMessage', queue }, options, (http) => sqs.send(command, http))
      return
    }
    case 'sqs:ChangeMessageVisibility': {
      const command = new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: nobody, VisibilityTimeout: 0 })
      await call({ operation: 'ChangeMessageVisibility', queue }, options, (http) => sqs.send(command, http))
      return
    }
    default:
      throw unknown(action)
  }
}

/** What cannot be tried without an effect is not among the grants that are looked at. */
const unknown = (action: string): RemoteJobError =>
  new RemoteJobError('UNSUPPORTED', `Nothing is known that would try ${action} without an effect`)
