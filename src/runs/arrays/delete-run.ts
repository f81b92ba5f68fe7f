import { forEachOf } from '../../for-each-of.ts'
import { newNonce } from '../../lifecycle/held.ts'
import { objectsBelow } from '../../lifecycle/objects-below.ts'
import { commit } from '../../lifecycle/result.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import { firstDueKey } from './look-times.ts'
import { instanceJobId, parseStateKey, restartPrefix, runFolder, runKey, sentPrefix } from './run-keys.ts'
import type { RunRecord } from './run-record.ts'

/**
 * Ends a run and forgets its states. Instances that nobody began find no run when they are taken; those that began are cancelled, and
 * their workers learn it at their next sign of life.
 */
export async function deleteRun(w: Workspace, run: RunRecord): Promise<void> {
  await w.objects.delete(runKey(run.name))
  // Where it has been put off there is another, which the next look removes.
  await w.objects.delete(firstDueKey(run))
  const folders = [runFolder(run), sentPrefix(run), restartPrefix(run)]
  const keys = (await forEachOf(folders, 3, (folder) => keysBelow(w, folder))).flat()
  const states = keys.flatMap((key) => parseStateKey(run, key) ?? [])
  const done = new Set(states.filter(({ state }) => state === 'succeeded').map(({ index }) => index))
  const begun = [...new Set(states.map(({ index }) => index))].filter((index) => !done.has(index))
  await forEachOf(begun, 20, async (index) => {
    const id = instanceJobId({ ...run, index })
    await commit(w, {
      v: 1,
      id,
      status: 'cancelled',
      attempt: 0,
      nonce: newNonce(),
      finishedAt: Date.now(),
      assets: [],
    })
  })
  await forEachOf(keys, 20, (key) => w.objects.delete(key))
}

async function keysBelow(w: Workspace, folder: string): Promise<readonly string[]> {
  return Array.fromAsync(objectsBelow(w, folder, {}), ([rest]) => folder + rest)
}
