import { ListObjectsV2Command } from '@aws-sdk/client-s3'
import type { _Object } from '@aws-sdk/client-s3'
import type { ListOptions, ListPage, ListedObject } from '../backend.ts'
import { answerTime } from './answer-time.ts'
import type { Bucket } from './bucket.ts'
import { call } from './call.ts'

/** One page of a bucket's keys. They come URL-encoded, because XML cannot hold every character of a key. */
export async function list(bucket: Bucket, prefix: string, options: ListOptions): Promise<ListPage> {
  const { after, limit = 1000 } = options
  const command = new ListObjectsV2Command({
    ...bucket.named,
    Prefix: prefix,
    MaxKeys: limit,
    EncodingType: 'url',
    ...(after === undefined ? {} : { StartAfter: after }),
  })
  const answeredAt = answerTime(command)
  const output = await call(bucket.doing('ListObjectsV2'), options, (http) => bucket.s3.send(command, http))
  const decode = keyDecoder(output.EncodingType)
  return {
    objects: (output.Contents ?? []).flatMap((object) => listed(object, decode)),
    more: output.IsTruncated === true,
    answeredAt: answeredAt(),
  }
}

function listed({ Key, Size, LastModified }: _Object, decode: (key: string) => string): ListedObject[] {
  if (Key === undefined) return []
  return [{ key: decode(Key), size: Size ?? 0, lastModified: LastModified ?? new Date(0) }]
}

/** Reads the keys of a listing, which a server may leave as they are. */
export function keyDecoder(encoding: string | undefined): (key: string) => string {
  return encoding === 'url' ? urlDecode : (key) => key
}

/** S3 writes a space as `+`; a real plus is `%2B`. */
function urlDecode(key: string): string {
  return decodeURIComponent(key.replaceAll('+', ' '))
}
