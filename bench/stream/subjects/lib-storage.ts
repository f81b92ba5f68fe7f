import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { bucket } from '../names.ts'
import type { Task } from '../task.ts'
import type { Run } from './run.ts'
import { source } from './source.ts'

/** The client and the upload as they are when nothing is set but what this server needs. */
export async function open(task: Task): Promise<Run> {
  const client = new S3Client({ forcePathStyle: true })
  await client.send(new CreateBucketCommand({ Bucket: bucket }))
  const key = 'inputs/plain'
  return {
    async transfer() {
      await new Upload({ client, params: { Bucket: bucket, Key: key, Body: source(task) } }).done()
      return { key }
    },
    close: async () => client.destroy(),
  }
}
