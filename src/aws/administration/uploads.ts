import { AbortMultipartUploadCommand, ListMultipartUploadsCommand } from '@aws-sdk/client-s3'
import type { ListMultipartUploadsCommandInput } from '@aws-sdk/client-s3'
import type { Cancellable } from '../../backend.ts'
import type { Bucket } from '../bucket.ts'
import { call } from '../call.ts'
import { reasonOf } from '../failure.ts'
import { keyDecoder } from '../list.ts'

/** An upload in parts that nobody finished. */
export interface Upload {
  readonly Key: string
  readonly UploadId: string
}

/** Pages of the unfinished uploads below a prefix; none on a server that does not list them. */
export async function* uploadPages(
  bucket: Bucket,
  prefix: string,
  options: Cancellable,
): AsyncGenerator<readonly Upload[]> {
  let marker: { readonly KeyMarker?: string; readonly UploadIdMarker?: string } | undefined = {}
  while (marker) {
    const request = { ...bucket.named, Prefix: prefix, EncodingType: 'url', ...marker } as const
    const page = await pageOf(bucket, request, options)
    const decode = keyDecoder(page?.EncodingType)
    yield (page?.Uploads ?? []).flatMap(({ Key, UploadId }) =>
      Key === undefined || UploadId === undefined ? [] : [{ Key: decode(Key), UploadId }],
    )
    const { IsTruncated, NextKeyMarker: next, NextUploadIdMarker: upload } = page ?? {}
    marker = IsTruncated && next ? { KeyMarker: decode(next), ...(upload && { UploadIdMarker: upload }) } : undefined
  }
}

/** Takes back one upload with its parts; one that is gone is no error. */
export async function abortUpload(bucket: Bucket, { Key, UploadId }: Upload, options: Cancellable): Promise<void> {
  const command = new AbortMultipartUploadCommand({ ...bucket.named, Key, UploadId })
  try {
    await call(bucket.doing('AbortMultipartUpload', Key), options, (http) => bucket.s3.send(command, http))
  } catch (error) {
    if (reasonOf(error) !== 'no-upload') throw error
  }
}

async function pageOf(bucket: Bucket, request: ListMultipartUploadsCommandInput, options: Cancellable) {
  const command = new ListMultipartUploadsCommand(request)
  try {
    return await call(bucket.doing('ListMultipartUploads'), options, (http) => bucket.s3.send(command, http))
  } catch (error) {
    if (reasonOf(error) === 'unsupported') return undefined
    throw error
  }
}
