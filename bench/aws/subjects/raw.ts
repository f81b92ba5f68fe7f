import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import {
  DeleteMessageBatchCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { clientOptions, payload, type Site, type Subject } from '../subject.ts'

const body = JSON.stringify(payload)

/** The calls that remotejob makes, made by hand with the bare SDK. A variant is `<records>-<batches in flight>`. */
export async function open({ endpoint, queue }: Site, variant: string): Promise<Subject> {
  const [records = '', width = ''] = variant.split('-')
  const inFlight = Number(width)
  const sqs = new SQSClient(clientOptions(endpoint))
  const s3 = new S3Client({ ...clientOptions(endpoint), forcePathStyle: true })
  const urlOf = async (status: string): Promise<string> => {
    const { QueueUrl = '' } = await sqs.send(new GetQueueUrlCommand({ QueueName: `${queue}-${status}` }))
    return QueueUrl
  }
  const [pending, completed] = await Promise.all([urlOf('pending'), urlOf('completed')])
  let id = 0

  const put = async (Key: string, condition: object): Promise<void> => {
    await s3.send(new PutObjectCommand({ Bucket: queue, Key, Body: body, ...condition }))
  }
  const isMissing = async (Key: string): Promise<void> => {
    await s3.send(new GetObjectCommand({ Bucket: queue, Key })).catch((error: unknown) => error)
  }
  const announce = async (QueueUrl: string, count: number): Promise<void> => {
    const Entries = Array.from({ length: count }, (_, index) => ({ Id: String(index), MessageBody: body }))
    await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }))
  }
  const sendTen = async (): Promise<void> => {
    if (records === 'all') await Promise.all(Array.from({ length: 10 }, () => put(`inputs/${(id += 1)}`, {})))
    await announce(pending, 10)
  }
  const end = async (key: string): Promise<void> => {
    if (records === 'all') await isMissing(key)
    if (records === 'all' || records === 'results') await put(key, { IfNoneMatch: '*' })
  }
  const workTen = async (): Promise<number> => {
    const receive = new ReceiveMessageCommand({ QueueUrl: pending, MaxNumberOfMessages: 10, WaitTimeSeconds: 20 })
    const { Messages = [] } = await sqs.send(receive)
    if (Messages.length === 0) return 0
    await Promise.all(Messages.map(({ MessageId }) => end(`results/${MessageId}`)))
    if (records !== 'unannounced') await announce(completed, Messages.length)
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }))
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: pending, Entries }))
    return Messages.length
  }
  const inTens = async (count: number, step: () => Promise<unknown>): Promise<void> => {
    let left = count
    const lane = async (): Promise<void> => {
      while (left > 0) {
        left -= 10
        await step()
      }
    }
    await Promise.all(Array.from({ length: inFlight }, lane))
  }

  return {
    send: (count) => inTens(count, sendTen),
    work: (count) => inTens(count, workTen),
    async close() {
      sqs.destroy()
      s3.destroy()
    },
  }
}
