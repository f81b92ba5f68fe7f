import { GetBucketVersioningCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3'
import type { ListObjectVersionsCommandInput } from '@aws-sdk/client-s3'
import type { Cancellable } from '../../backend.ts'
import type { Bucket } from '../bucket.ts'
import { call } from '../call.ts'
import { reasonOf } from '../failure.ts'
import { keyDecoder, list } from '../list.ts'

/** What DeleteObjects takes to find an object, or one version of it. */
export interface Doomed {
  readonly Key: string
  readonly VersionId?: string
  /** Whether it is the version that readers see. */
  readonly isCurrent: boolean
}

/** Whether the bucket keeps versions of its objects, or did. Where that cannot be told, what is left shows when the bucket is to go. */
export async function keepsVersions(bucket: Bucket, options: Cancellable): Promise<boolean> {
  const command = new GetBucketVersioningCommand(bucket.named)
  try {
    const { Status } = await call(bucket.doing('GetBucketVersioning'), options, (http) => bucket.s3.send(command, http))
    return Status !== undefined
  } catch (error) {
    if (['denied', 'unsupported', 'invalid'].includes(reasonOf(error))) return false
    throw error
  }
}

/** Pages of all objects below a prefix, with every version where there are versions. */
export async function* objectPages(
  bucket: Bucket,
  prefix: string,
  versions: boolean,
  options: Cancellable,
): AsyncGenerator<readonly Doomed[]> {
  if (versions) yield* versionPages(bucket, prefix, options)
  else yield* currentPages(bucket, prefix, options)
}

async function* currentPages(bucket: Bucket, prefix: string, { signal }: Cancellable): AsyncGenerator<Doomed[]> {
  for (let after: string | undefined, more = true; more;) {
    const page = await list(bucket, prefix, { signal, after })
    after = page.objects.at(-1)?.key
    more = page.more && after !== undefined
    yield page.objects.map(({ key }) => ({ Key: key, isCurrent: true }))
  }
}

async function* versionPages(bucket: Bucket, prefix: string, options: Cancellable): AsyncGenerator<Doomed[]> {
  let marker: { readonly KeyMarker?: string; readonly VersionIdMarker?: string } | undefined = {}
  while (marker) {
    const request: ListObjectVersionsCommandInput = { ...bucket.named, Prefix: prefix, EncodingType: 'url', ...marker }
    const command = new ListObjectVersionsCommand(request)
    const page = await call(bucket.doing('ListObjectVersions'), options, (http) => bucket.s3.send(command, http))
    const decode = keyDecoder(page.EncodingType)
    const versions = (page.Versions ?? []).flatMap((one) => doomed(one, decode, one.IsLatest === true))
    yield [...versions, ...(page.DeleteMarkers ?? []).flatMap((one) => doomed(one, decode, false))]
    const { NextKeyMarker: next, NextVersionIdMarker: version } = page
    marker = next === undefined ? undefined : { KeyMarker: decode(next), ...(version && { VersionIdMarker: version }) }
  }
}

interface Version {
  readonly Key?: string | undefined
  readonly VersionId?: string | undefined
}

function doomed({ Key, VersionId }: Version, decode: (key: string) => string, isCurrent: boolean): Doomed[] {
  return Key === undefined ? [] : [{ Key: decode(Key), ...(VersionId && { VersionId }), isCurrent }]
}
