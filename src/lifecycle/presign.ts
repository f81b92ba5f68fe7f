import { randomUUID } from 'node:crypto'
import type { Cancellable } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import { checkInteger } from '../options.ts'
import { checkStoreKey, storedKey } from '../protocol/keys.ts'
import { writeNote } from './describe.ts'
import type { JobData } from './store.ts'
import type { Workspace } from './workspace.ts'

/** For how long others may use a URL. */
export interface PresignOptions extends Cancellable {
  /** Whole seconds, from 1 to 604800 (a week). It ends earlier with the credentials that it was made with, such as those of a role. @default 3600 */
  readonly expiresSeconds?: number | undefined
}

export interface PresignUploadOptions extends PresignOptions {
  /** The bytes to come, exactly so many; at most 5 GiB, S3's limit for one PUT. @default any number up to that */
  readonly size?: number | undefined
}

/** What whoever has the bytes sends: one request, with these headers as they are, and the bytes as its body. */
export interface PresignedUpload {
  /** Where the bytes are then, for `trigger`. */
  readonly key: string
  readonly method: 'PUT'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly expiresAt: Date
}

/** S3's limit for one PUT: https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html */
const maxUpload = 5 * 1024 ** 3
const longestExpiry = 604_800
const defaultExpiry = 3600

/** @throws RemoteJobError `INVALID_ARGUMENT` */
export function expiryOf({ expiresSeconds = defaultExpiry }: PresignOptions): number {
  checkInteger('expiresSeconds', expiresSeconds, 1, longestExpiry)
  return expiresSeconds
}

/** `queue.presignUpload`: what `store` would have written, written by somebody without keys. */
export async function presignUpload(
  w: Workspace,
  data: JobData,
  options: PresignUploadOptions,
): Promise<PresignedUpload> {
  const expiresSeconds = expiryOf(options)
  checkInteger('size', options.size, 0, maxUpload)
  if (data.content) throw new RemoteJobError('INVALID_ARGUMENT', 'Expected no `body`: that comes to the URL')
  if (!w.objects.presignPut)
    throw new RemoteJobError('UNSUPPORTED', 'This backend has no URLs for others: store the body with `store`')
  const { metadata, filename, contentType } = data
  const key = data.key ?? storedKey(randomUUID())
  if (data.key !== undefined) checkStoreKey(key)
  const { note } = await writeNote(
    w,
    'stored',
    randomUUID(),
    JSON.stringify({ metadata, filename, contentType }),
    options,
  )
  const signed = await w.objects.presignPut(key, { note, contentType, size: options.size, expiresSeconds })
  return { key, method: 'PUT', url: signed.url, headers: signed.headers, expiresAt: signed.expiresAt }
}
