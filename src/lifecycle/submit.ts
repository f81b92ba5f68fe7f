import { RemoteJobError } from '../errors.ts'
import type { JobOptions } from '../options.ts'
import { newId } from '../protocol/id.ts'
import { checkStoreKey, inputKey } from '../protocol/keys.ts'
import { formatRequest, type JobRequest, type Pointer, requestHash } from '../protocol/request.ts'
import { claimId } from './claim-id.ts'
import { type Description, describe, writeNote } from './describe.ts'
import { send, type Ticket } from './send.ts'
import { sendStored, spillLarge } from './send-stored.ts'
import { type JobData, putContent, store } from './store.ts'
import { isFar, notBeforeOf } from './timer.ts'
import type { Workspace } from './workspace.ts'

/** `queue.submit`: the input first, then its announcement; a crash between the two leaves an input that nobody was told of. */
export async function submit(w: Workspace, data: JobData, options: JobOptions): Promise<Ticket> {
  checkJob(w, 'pending', options)
  const { key, content } = data
  if (key !== undefined && !content) return submitStored(w, key, data, options)
  if (key !== undefined) checkStoreKey(key)
  const request = requestFrom(w, 'pending', data, options, key)
  if (options.id !== undefined) return submitAs(w, options.id, request, data, options)
  if (key !== undefined) return sendStored(w, newId(), { request, input: await store(w, data, options) }, options)
  return submitInput(w, newId(), request, data, options)
}

/** `queue.trigger`: a job on an object that is there already. */
export async function trigger(w: Workspace, status: string, key: string, options: JobOptions): Promise<Ticket> {
  checkJob(w, status, options)
  const { pointer, description } = await findStored(w, key, options)
  await w.validate(description.metadata)
  return announceStored(w, requestFrom(w, status, description, options, key), pointer, options)
}

/** `submit` with a key and no body: the object at that key, with the metadata given now over its own. */
async function submitStored(w: Workspace, key: string, data: JobData, options: JobOptions): Promise<Ticket> {
  const { pointer, description } = await findStored(w, key, options)
  const metadata = { ...description.metadata, ...data.metadata }
  const named = {
    metadata,
    filename: data.filename ?? description.filename,
    contentType: data.contentType ?? description.contentType,
  }
  return announceStored(w, requestFrom(w, 'pending', named, options, key), pointer, options)
}

function announceStored(w: Workspace, request: JobRequest, pointer: Pointer, options: JobOptions): Promise<Ticket> {
  if (options.id !== undefined) return claimId(w, { id: options.id, request, pointer, disposable: false }, options)
  return sendStored(w, newId(), { request, input: pointer }, options)
}

async function findStored(
  w: Workspace,
  key: string,
  options: JobOptions,
): Promise<{ pointer: Pointer; description: Description }> {
  const info = await w.objects.head(key, options)
  if (!info)
    throw new RemoteJobError('NOT_FOUND', `There is no object at "${key}": store it first, or submit it with its body`)
  return { pointer: { key, etag: info.etag, size: info.size }, description: await describe(w, info, options) }
}

/** The usual way: the body becomes `inputs/<id>`, the request rides beside it. */
async function submitInput(
  w: Workspace,
  id: string,
  request: JobRequest,
  data: JobData,
  options: JobOptions,
): Promise<Ticket> {
  const key = inputKey(id)
  if (w.records !== 'all' && !data.content && !isFar(request.notBefore)) {
    const spilled = await spillLarge(w, id, request, options)
    await send(w, id, request, {}, spilled, options)
    return { id, key }
  }
  const note = await writeNote(w, id, 'request', formatRequest(request), options)
  const input = await putContent(w, key, data, note, options)
  options.signal?.throwIfAborted()
  await send(w, id, request, input, note.spilled, options)
  return { id, key }
}

/** A job whose id the caller chose: its body cannot go to `inputs/<id>`, where another requester's may be. */
async function submitAs(
  w: Workspace,
  id: string,
  request: JobRequest,
  data: JobData,
  options: JobOptions,
): Promise<Ticket> {
  const disposable = data.key === undefined
  const pointer = data.content ? await store(w, data, options) : undefined
  return claimId(w, { id, request, pointer, disposable }, options)
}

function requestFrom(w: Workspace, status: string, data: Description, options: JobOptions, key?: string): JobRequest {
  const { metadata, filename, contentType } = data
  const { attempts, timeoutSeconds, group, delaySeconds, runAt, expiresSeconds } = options
  const submittedAt = Date.now()
  return {
    metadata,
    filename,
    contentType,
    status: status === 'pending' ? undefined : status,
    attempts: attempts ?? w.attempts,
    timeoutSeconds,
    group,
    submittedAt,
    notBefore: notBeforeOf(w, options, submittedAt),
    expiresAt: expiresSeconds ? submittedAt + expiresSeconds * 1000 : undefined,
    hash: requestHash({
      queue: w.name,
      metadata,
      status,
      key,
      options: { attempts, timeoutSeconds, group, delaySeconds, runAt: runAt?.getTime(), expiresSeconds },
    }),
  }
}

function checkJob(w: Workspace, status: string, options: JobOptions): void {
  w.queue(status) // before a body is stored for a queue that there is not
  options.signal?.throwIfAborted()
  if (options.id === undefined || w.records !== 'none') return
  throw new RemoteJobError(
    'UNSUPPORTED',
    "An `id` of your own needs records: 'all' or 'results'; with 'none' nothing is written to know it by",
  )
}
