import { createHash } from 'node:crypto'
import { DeleteObjectsCommand } from '@aws-sdk/client-s3'
import type { Cancellable } from '../../backend.ts'
import type { RemoteJobError } from '../../errors.ts'
import type { Bucket } from '../bucket.ts'
import { call } from '../call.ts'
import { fromAws } from '../errors.ts'
import type { Doomed } from './objects.ts'

/** What came of deleting: how many are gone, and why one of the others is not. */
export interface Deletion {
  readonly gone: readonly Doomed[]
  readonly error: RemoteJobError | undefined
}

/** Deletes up to a thousand objects, or versions of them, in one request. */
export async function deleteObjects(
  bucket: Bucket,
  doomed: readonly Doomed[],
  options: Cancellable,
): Promise<Deletion> {
  const operation = doomed.some(({ VersionId }) => VersionId !== undefined) ? 'DeleteObjectVersions' : 'DeleteObjects'
  const Objects = doomed.map(({ isCurrent: _, ...one }) => one)
  const command = new DeleteObjectsCommand({ ...bucket.named, Delete: { Objects, Quiet: true } })
  addMd5(command)
  const { Errors = [] } = await call(bucket.doing(operation), options, (http) => bucket.s3.send(command, http))
  const [first] = Errors
  if (!first) return { gone: doomed, error: undefined }
  const left = new Set(Errors.map(({ Key, VersionId }) => nameOf(Key, VersionId)))
  const cause = Object.assign(new Error(first.Message ?? first.Code), { name: first.Code ?? 'Error' })
  return {
    gone: doomed.filter(({ Key, VersionId }) => !left.has(nameOf(Key, VersionId))),
    error: fromAws(cause, bucket.doing(operation, first.Key)),
  }
}

const nameOf = (key: string | undefined, version: string | undefined): string => JSON.stringify([key, version ?? null])

/**
 * Servers from before 2025 want this sum, which the SDK has given up for others.
 * @see https://github.com/aws/aws-sdk-js-v3/issues/6920
 */
function addMd5(command: DeleteObjectsCommand): void {
  command.middlewareStack.add(
    (next) => async (args) => {
      const { request } = args
      if (typeof request === 'object' && request !== null && 'headers' in request && 'body' in request) {
        const { headers, body } = request
        if (typeof headers === 'object' && headers !== null && typeof body === 'string')
          Object.assign(headers, { 'content-md5': createHash('md5').update(body).digest('base64') })
      }
      return next(args)
    },
    { step: 'build', name: 'remotejobContentMd5' },
  )
}
