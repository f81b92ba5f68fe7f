import type { Cancellable } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import { inputKey } from '../protocol/keys.ts'
import { parseRequest } from '../protocol/request.ts'
import { readNote } from './describe.ts'
import { newNonce } from './held.ts'
import { commit, readRecord } from './result.ts'
import type { Workspace } from './workspace.ts'

/**
 * Ends a job that has not ended. True is a promise: the job is cancelled and will never complete; false: it had ended before.
 * Whoever holds or next receives its message announces it.
 * @throws RemoteJobError `JOB_NOT_FOUND`, `UNSUPPORTED`
 */
export async function cancel(w: Workspace, id: string, options?: Cancellable): Promise<boolean> {
  if (w.records === 'none') throw unsupported("with records: 'none' there is nothing that would tell the worker")
  const input = await w.objects.head(inputKey(id), options)
  if (!input) return cancelWithoutInput(w, id, options)
  const request = parseRequest(await readNote(w, input, options))
  const standing = await commit(w, {
    v: 1,
    id,
    status: 'cancelled',
    attempt: 0,
    nonce: newNonce(),
    requestHash: request?.hash,
    submittedAt: request?.submittedAt,
    finishedAt: Date.now(),
    assets: [],
  })
  // Nobody is told before a worker meets the job's message.
  w.mailbox?.hear(id)
  return standing.status === 'cancelled'
}

async function cancelWithoutInput(w: Workspace, id: string, options?: Cancellable): Promise<boolean> {
  const record = await readRecord(w, id, options)
  if (record) return record.status === 'cancelled'
  if (w.records === 'results')
    throw unsupported("with records: 'results' a job can be cancelled only when it has a body or an `id` of your own")
  throw new RemoteJobError('JOB_NOT_FOUND', `There is no job "${id}" in queue "${w.name}"`)
}

function unsupported(why: string): RemoteJobError {
  return new RemoteJobError('UNSUPPORTED', `This job cannot be cancelled: ${why}`)
}
