import type { Cancellable } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import { inputKey } from '../protocol/keys.ts'
import type { FinalStatus } from '../protocol/record.ts'
import { readLive } from './live.ts'
import { readRecord } from './result.ts'
import type { Workspace } from './workspace.ts'

/** Where a job is: waiting, in a worker's hands (from its first sign of life on), or at its end. */
export type JobStatus = 'pending' | 'active' | FinalStatus

/**
 * A job's status, or `undefined` when nothing is known of it.
 * @throws RemoteJobError `UNSUPPORTED` for a queue that keeps no records
 */
export async function status(w: Workspace, id: string, options?: Cancellable): Promise<JobStatus | undefined> {
  if (w.records === 'none')
    throw new RemoteJobError('UNSUPPORTED', "A queue with records: 'none' knows no job's status")
  const record = await readRecord(w, id, options)
  return record?.status ?? statusBefore(w, id, options)
}

/**
 * The status of a job that has no result.
 * @param known Whether its input is known to be there
 */
export async function statusBefore(
  w: Workspace,
  id: string,
  options?: Cancellable,
  known = false,
): Promise<'pending' | 'active' | undefined> {
  const sign = await readLive(w, id, options)
  if (sign?.fresh) return 'active'
  return sign || known || (await w.objects.head(inputKey(id), options)) ? 'pending' : undefined
}
