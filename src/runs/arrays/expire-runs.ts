import type { Cancellable } from '../../backend.ts'
import { hasCode } from '../../errors.ts'
import { forEachOf } from '../../for-each-of.ts'
import { objectsBelow } from '../../lifecycle/objects-below.ts'
import { removeResult } from '../../lifecycle/remove-result.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import { deleteRun } from './delete-run.ts'
import { removalAt } from './look-times.ts'
import { type Due, dueKey, duePrefix, goneKey, instancePrefix, parseDueKey, runFolder } from './run-keys.ts'
import { readNotes } from './run-notes.ts'
import { readRun, type RunRecord } from './run-record.ts'
import { readState } from './run-state.ts'
import { sendAgain } from './send-again.ts'

/** Least milliseconds between two looks at a run that goes on. */
const leastRest = 60_000
/** Milliseconds for which it is known that a run was there: longer than any of its messages lives. */
const rememberedFor = 30 * 86_400_000

/**
 * Looks at the runs whose time has come: removes what can be seen of those whose time to live is over, and resolves their names; and
 * has those sent whose requester died before it did. Any number may do so at once, and what one left half done the next one does: a
 * note of what is due goes last.
 * @throws RemoteJobError `ACCESS_DENIED`
 */
export async function expireRuns(w: Workspace, options: Cancellable = {}): Promise<readonly string[]> {
  const removed: string[] = []
  for await (const [rest] of objectsBelow(w, duePrefix, options)) {
    const due = parseDueKey(duePrefix + rest)
    if (!due) continue
    if (due.at > Date.now() || options.signal?.aborted) break
    try {
      if (await look(w, due, options)) removed.push(due.run.name)
    } catch (error) {
      if (hasCode(error, 'ACCESS_DENIED')) throw error
      // One that cannot be read keeps no other from going.
      if (!options.signal?.aborted) w.report(error)
    }
  }
  return removed
}

/** True when the run went now. */
async function look(w: Workspace, due: Due, options: Cancellable): Promise<boolean> {
  const run = await readRun(w, due.run.name, options)
  const next = run?.uid === due.run.uid ? await step(w, run, options) : undefined
  if (next) await w.objects.put(dueKey({ run: due.run, at: next.at }), Buffer.alloc(0))
  await w.objects.delete(dueKey(due))
  return next?.isRemoved ?? false
}

interface Next {
  /** When to look again. */
  readonly at: number
  readonly isRemoved?: boolean
}

async function step(w: Workspace, run: RunRecord, options: Cancellable): Promise<Next | undefined> {
  const earliest = removalAt(new Date(run.submittedAt), run)
  if (earliest > Date.now()) return { at: (await sendAgain(w, run, options)) ?? earliest }
  const { goneAt } = await readNotes(w, run, options)
  if (!goneAt) {
    const { finishedAt } = await readState(w, run, options)
    const at = removalAt(finishedAt ?? new Date(), run)
    if (!finishedAt) return { at: (await sendAgain(w, run, options)) ?? Math.max(at, Date.now() + leastRest) }
    if (at > Date.now()) return { at }
    // From here on nobody sees it; removing what there was may take a while.
    await w.objects.put(goneKey(run), Buffer.alloc(0), options)
  }
  await removeSeen(w, run, options)
  const forgetAt = (goneAt?.getTime() ?? Date.now()) + rememberedFor
  if (forgetAt > Date.now()) return { at: forgetAt, isRemoved: goneAt === undefined }
  await deleteRun(w, run)
  return undefined
}

/** The record of the run, and the fates of its jobs, stay: a message that comes late finds them. */
async function removeSeen(w: Workspace, run: RunRecord, options: Cancellable): Promise<void> {
  const instances = instancePrefix(run)
  const ends = await keysBelow(w, `results/${instances}`, options)
  await forEachOf(ends, 10, (key) => removeResult(w, key.slice('results/'.length, -'.json'.length), options))
  for (const folder of [`assets/${instances}`, `logs/${instances}`, runFolder(run)])
    await forEachOf(await keysBelow(w, folder, options), 20, async (key) => {
      if (key !== goneKey(run)) await w.objects.delete(key, options)
    })
}

async function keysBelow(w: Workspace, prefix: string, options: Cancellable): Promise<readonly string[]> {
  return Array.fromAsync(objectsBelow(w, prefix, options), ([rest]) => prefix + rest)
}
