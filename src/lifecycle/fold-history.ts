import { forEachOf } from '../for-each-of.ts'
import { formatFold, type HistoryEntry, historyKey, tallyOf } from '../protocol/history.ts'
import { newNonce } from './held.ts'
import type { Workspace } from './workspace.ts'

/** Entries that are kept as they are; of twice as many the older half is folded. */
const kept = 100

/**
 * Lets one entry stand for many, so that a job that is tried for months has a history of a page. The new entry is written before
 * those that it stands for are removed: a crash between leaves entries that count no more, and that the next fold removes.
 */
export async function foldHistory(w: Workspace, id: string, history: readonly HistoryEntry[]): Promise<void> {
  if (history.length < 2 * kept) return
  const deliveries = history.map(({ delivery }) => delivery).toSorted((a, b) => a - b)
  const delivery = (deliveries.at(-kept) ?? 0) - 1
  // A claim is looked for by itself.
  const old = history.filter((entry) => entry.delivery <= delivery && entry.state !== 'claimed')
  if (old.length === 0) return
  const nonce = formatFold(tallyOf(old), newNonce())
  await w.objects.put(historyKey(id, { delivery, state: 'folded', nonce }), Buffer.from('{}'), {
    contentType: 'application/json',
  })
  await forEachOf(old, 20, (entry) => w.objects.delete(historyKey(id, entry)))
}
