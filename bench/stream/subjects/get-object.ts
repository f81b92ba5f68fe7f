import { Readable } from 'node:stream'
import { GetObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { count } from '../count.ts'
import { bucket } from '../names.ts'
import type { Task } from '../task.ts'
import type { Run } from './run.ts'

export async function open({ key, withDigest }: Task): Promise<Run> {
  const client = new S3Client({ forcePathStyle: true })
  const object = { Bucket: bucket, Key: key }
  await client.send(new HeadObjectCommand(object))
  return {
    async transfer() {
      const { Body } = await client.send(new GetObjectCommand(object))
      if (!(Body instanceof Readable)) throw new Error('GetObject gave no stream')
      return { counted: await count(Body, withDigest) }
    },
    close: async () => client.destroy(),
  }
}
