import type { Cancellable } from '../backend.ts'
import { formatRecord } from '../protocol/record.ts'
import { resultKey } from '../protocol/keys.ts'
import { readRecord } from './result.ts'
import type { Workspace } from './workspace.ts'

/**
 * Takes out of a job's record what it handed back. Its fate stays: a message of it may still come, and finds that it has ended. Once
 * there is a fate nobody else writes the record, so it is written over without a condition.
 */
export async function removeResult(w: Workspace, id: string, options: Cancellable = {}): Promise<void> {
  const record = await readRecord(w, id, options)
  if (!record || record.removedAt !== undefined) return
  const { value: _, error: _error, ...fate } = record
  const body = Buffer.from(formatRecord({ ...fate, assets: [], removedAt: Date.now() }))
  await w.objects.put(resultKey(id), body, { ...options, contentType: 'application/json' })
}
