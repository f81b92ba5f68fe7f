import type { HistoryEntry, HistoryState } from '../protocol/history.ts'
import { historyKey, parseHistoryKey } from '../protocol/history.ts'
import { historyPrefix } from '../protocol/keys.ts'
import type { RecordedError } from '../protocol/record.ts'
import type { Workspace } from './workspace.ts'

/** What happened to a job's deliveries, from the names of its history's objects. */
export async function readHistory(w: Workspace, id: string): Promise<readonly HistoryEntry[]> {
  const entries: HistoryEntry[] = []
  for (let after: string | undefined; ;) {
    const { objects, more } = await w.objects.list(historyPrefix(id), { after })
    entries.push(...objects.map(({ key }) => parseHistoryKey(id, key)).filter((entry) => entry !== undefined))
    after = objects.at(-1)?.key
    if (!more || after === undefined) return entries
  }
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
