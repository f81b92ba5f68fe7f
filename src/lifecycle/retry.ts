import type { Cancellable } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import { checkTiming, type Timing } from '../options.ts'
import { checkOwnId, newId, timeOfId } from '../protocol/id.ts'
import { inputKey } from '../protocol/keys.ts'
import { type JobRequest, parseRequest, type Pointer, requestHash } from '../protocol/request.ts'
import { claimId } from './claim-id.ts'
import { readNote } from './describe.ts'
import type { Ticket } from './send.ts'
import { sendStored } from './send-stored.ts'
import { notBeforeOf } from './timer.ts'
import type { Workspace } from './workspace.ts'

/** How a past job is asked for once more. */
export interface RetryOptions extends Cancellable, Timing {
  /** An id of the caller's own for the new job, so that asking twice makes one. @default a new UUIDv7 */
  readonly id?: string | undefined
}

/** @throws RemoteJobError `INVALID_ARGUMENT` for an id that cannot be the new job's, or a time that cannot be */
export function checkRetry(id: string, options: RetryOptions): void {
  checkTiming(options)
  if (options.id === undefined) return
  checkOwnId(options.id)
  if (options.id !== id) return
  throw new RemoteJobError(
    'INVALID_ARGUMENT',
    `Expected \`id\` to be a new one: the end of job "${id}" is never rewritten`,
  )
}

/**
 * `queue.retry`: the same request once more, as a new job on the very bytes that the old one had. The old job's delay and expiry were
 * about its own time, and are left out.
 * @throws RemoteJobError `JOB_NOT_FOUND`, `UNSUPPORTED`, `ID_IN_USE`
 */
export async function retry(w: Workspace, id: string, options: RetryOptions): Promise<Ticket> {
  const { request: old, pointer } = await readPast(w, id, options)
  const { metadata, attempts, timeoutSeconds, group, status = 'pending' } = old
  const { delaySeconds, runAt } = options
  const submittedAt = Date.now()
  const request: JobRequest = {
    ...old,
    submittedAt,
    notBefore: notBeforeOf(w, options, submittedAt),
    expiresAt: undefined,
    pointer: undefined,
    retryOf: id,
    hash: requestHash({
      queue: w.name,
      metadata,
      status,
      key: pointer?.key,
      options: { attempts, timeoutSeconds, group, delaySeconds, runAt: runAt?.getTime(), retryOf: id },
    }),
  }
  if (options.id !== undefined) return claimId(w, { id: options.id, request, pointer, disposable: false }, options)
  return sendStored(w, newId(), { request, input: pointer ?? {} }, options)
}

/** What was asked for under an id, and where its bytes are. */
async function readPast(
  w: Workspace,
  id: string,
  options: Cancellable,
): Promise<{ readonly request: JobRequest; readonly pointer: Pointer | undefined }> {
  const info = await w.objects.head(inputKey(id), options)
  if (!info) throw unknown(w, id)
  const request = parseRequest(await readNote(w, info, options))
  if (!request)
    throw new RemoteJobError(
      'UNSUPPORTED',
      `"${inputKey(id)}" does not say what was asked for: submit the job anew, or trigger() that key`,
    )
  const { key, etag, size } = info
  return { request, pointer: request.pointer ?? (size > 0 ? { key, etag, size } : undefined) }
}

function unknown(w: Workspace, id: string): RemoteJobError {
  if (w.records === 'all' || timeOfId(id) === undefined)
    return new RemoteJobError('JOB_NOT_FOUND', `There is no job "${id}" in queue "${w.name}", or its input was removed`)
  return new RemoteJobError(
    'UNSUPPORTED',
    `Nothing was kept of job "${id}" to send again: with records: '${w.records}' only jobs with a body are; submit it anew`,
  )
}
