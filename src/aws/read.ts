import { Readable } from 'node:stream'
import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3'
import type { Cancellable, GetOptions, ObjectInfo, ObjectReading } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import { answerTime } from './answer-time.ts'
import { ObjectBody } from './body.ts'
import type { Bucket } from './bucket.ts'
import { call } from './call.ts'
import { reasonOf } from './failure.ts'
import { infoFrom } from './info.ts'

/** What is known of an object, without its bytes. */
export async function head(bucket: Bucket, key: string, options: Cancellable): Promise<ObjectInfo | undefined> {
  const command = new HeadObjectCommand({ ...bucket.named, Key: key })
  const answered = answerTime(command)
  try {
    const output = await call(bucket.doing('HeadObject', key), options, (http) => bucket.s3.send(command, http))
    return infoFrom(key, output, output.ContentLength, answered())
  } catch (error) {
    const reason = reasonOf(error)
    if (reason === 'missing') return undefined
    if (reason === 'denied' || reason === 'invalid') await explain(bucket, key, options)
    throw error
  }
}

/** The answer to a HEAD does not say why it refuses; that to a GET does. */
async function explain(bucket: Bucket, key: string, options: Cancellable): Promise<void> {
  const command = new GetObjectCommand({ ...bucket.named, Key: key, Range: 'bytes=0-0' })
  const { Body } = await call(bucket.doing('HeadObject', key), options, (http) => bucket.bodies.send(command, http))
  if (Body instanceof Readable) Body.destroy()
}

/** An object and its bytes, or those from one of them to another. */
export async function get(bucket: Bucket, key: string, options: GetOptions): Promise<ObjectReading | undefined> {
  const { from = 0, to = from } = options
  // S3 takes a range that ends before it begins for none, and gives all.
  if (to < from) return readNothing(bucket, key, options)
  try {
    return await read(bucket, key, options)
  } catch (error) {
    const reason = reasonOf(error)
    if (reason === 'missing') return undefined
    if (reason === 'range') return await readNothing(bucket, key, options)
    throw error
  }
}

async function read(bucket: Bucket, key: string, options: GetOptions): Promise<ObjectReading> {
  const { from = 0, to, etag } = options
  const doing = bucket.doing('GetObject', key)
  const command = new GetObjectCommand({
    ...bucket.named,
    Key: key,
    ...(from > 0 || to !== undefined ? { Range: `bytes=${from}-${to ?? ''}` } : {}),
    ...(etag === undefined ? {} : { IfMatch: etag }),
  })
  const answered = answerTime(command)
  const output = await call(doing, options, (http) => bucket.bodies.send(command, http))
  if (!(output.Body instanceof Readable))
    throw new RemoteJobError('UNSUPPORTED', `The S3 client gave no Node stream for "${key}"`)
  const size = sizeOfRange(output.ContentRange) ?? output.ContentLength
  return { ...infoFrom(key, output, size, answered()), body: new ObjectBody(output.Body, doing, options.signal) }
}

/** S3 refuses a range that begins at or past the end; to us that is an object of which nothing is left to read. */
async function readNothing(
  bucket: Bucket,
  key: string,
  { signal, etag }: GetOptions,
): Promise<ObjectReading | undefined> {
  const info = await head(bucket, key, { signal })
  if (info === undefined) return undefined
  if (etag !== undefined && info.etag !== etag) {
    throw new RemoteJobError(
      'INPUT_CHANGED',
      `"${bucket.name}/${key}" is not the version that was asked for: it was replaced`,
    )
  }
  return { ...info, body: Readable.from([]) }
}

/** `bytes 5-9/10` is of an object of 10 bytes. */
function sizeOfRange(range: string | undefined): number | undefined {
  const total = range?.match(/\/(\d+)$/)?.[1]
  return total === undefined ? undefined : Number(total)
}
