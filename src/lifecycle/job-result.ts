import { RemoteJobError } from '../errors.ts'
import type { JsonValue } from '../protocol/json.ts'
import type { FinalStatus, RecordedError, ResultRecord } from '../protocol/record.ts'
import { type StoredObject, storedAsset } from './stored-object.ts'
import type { Workspace } from './workspace.ts'

/** How a job ended, and what it handed back. */
export interface JobResult {
  readonly id: string
  readonly status: FinalStatus
  /** The attempt that ended it, from 1; 0 when none ran. */
  readonly attempt: number
  /** The JSON value that the worker returned. */
  readonly value: JsonValue | undefined
  readonly startedAt: Date | undefined
  readonly finishedAt: Date
  /** The worker's error, of a job that failed. */
  readonly error: RecordedError | undefined
  /** The files that the worker handed back, by name. */
  readonly assets: Readonly<Record<string, StoredObject>>
}

/**
 * A record with its assets ready to be read.
 * @throws RemoteJobError `RESULT_EXPIRED`
 */
export function describeEnd(
  w: Workspace,
  { id, status, attempt, value, error, startedAt, finishedAt, assets, removedAt }: ResultRecord,
): JobResult {
  if (removedAt !== undefined)
    throw new RemoteJobError(
      'RESULT_EXPIRED',
      `What job "${id}" handed back was removed at ${new Date(removedAt).toISOString()}: its time to live was over`,
    )
  return {
    id,
    status,
    attempt,
    value,
    error,
    startedAt: startedAt === undefined ? undefined : new Date(startedAt),
    finishedAt: new Date(finishedAt),
    assets: Object.fromEntries(assets.map((asset) => [asset.name, storedAsset(w.objects, asset)])),
  }
}
