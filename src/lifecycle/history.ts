import type { HistoryEntry, HistoryState } from '../protocol/history.ts'
import { historyKey, parseHistoryKey } from '../protocol/history.ts'
import { historyPrefix } from '../protocol/keys.ts'
import type { RecordedError } from '../protocol/record.ts'
import { objectsBelow } from './objects-below.ts'
import type { Workspace } from './workspace.ts'

/** What happened to a job's deliveries, from the names of its history's objects. */
export async function readHistory(w: Workspace, id: string): Promise<readonly HistoryEntry[]> {
  const entries: HistoryEntry[] = []
  const prefix = historyPrefix(id)
  for await (const [name] of objectsBelow(w, prefix, {})) {
    const entry = parseHistoryKey(id, prefix + name)
    if (entry) entries.push(entry)
  }
  return entries
}

/** What a history entry says beyond its name. */
export interface HistoryNote {
  readonly at: number
  readonly error?: RecordedError | undefined
  readonly worker?: string | undefined
}

/** Notes what happened to a delivery. */
export async function writeHistory(
  w: Workspace,
  id: string,
  { delivery, nonce }: { readonly delivery: number; readonly nonce: string },
  state: HistoryState,
  error?: RecordedError,
): Promise<void> {
  const note: HistoryNote = { at: Date.now(), error }
  await w.objects.put(historyKey(id, { delivery, state, nonce }), Buffer.from(JSON.stringify(note)), {
    contentType: 'application/json',
  })
}
