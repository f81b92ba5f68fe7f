import { PutObjectCommand } from '@aws-sdk/client-s3'
import type { PutOptions, Written } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import type { Bucket } from './bucket.ts'
import { call } from './call.ts'

/** The name of the user-metadata entry that carries an object's note: `x-amz-meta-remotejob`. */
export const noteName = 'remotejob'

/** Writes a whole object in one request, which the SDK can repeat because the bytes are at hand. */
export async function putBytes(
  bucket: Bucket,
  key: string,
  body: Uint8Array,
  options: PutOptions,
  conditions: { readonly IfNoneMatch?: '*' } = {},
): Promise<Written> {
  const doing = bucket.doing('PutObject', key)
  const command = new PutObjectCommand({ ...bucket.named, Key: key, Body: body, ...describe(options), ...conditions })
  const { ETag } = await call(doing, options, (http) => bucket.s3.send(command, http))
  return { etag: etagFrom(ETag, key), size: body.byteLength }
}

/** The members of a request that say what an object is. No ACL: buckets refuse them since 2023. */
export function describe({ contentType, note }: PutOptions): {
  readonly ContentType?: string
  readonly Metadata?: Record<string, string>
} {
  return {
    ...(contentType === undefined ? {} : { ContentType: contentType }),
    ...(note === undefined ? {} : { Metadata: { [noteName]: note } }),
  }
}

/** @throws RemoteJobError `UNAVAILABLE` when the server gave none */
export function etagFrom(etag: string | undefined, key: string): string {
  if (etag) return etag
  throw new RemoteJobError('UNAVAILABLE', `What stored "${key}" is no S3 (it gave no ETag): check \`endpoint\``)
}
