import { forEachOf } from '../../for-each-of.ts'
import { newNonce } from '../../lifecycle/held.ts'
import { commit } from '../../lifecycle/result.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import { instanceJobId, parseStateKey, runFolder, runKey, sentPrefix } from './run-keys.ts'
import type { RunRecord } from './run-record.ts'
import { keysBelow } from './run-state.ts'

/**
 * Ends a run and forgets its states. Instances that nobody began find no run when they are taken; those that began are cancelled, and
 * their workers learn it at their next sign of life.
 */
export async function deleteRun(w: Workspace, run: RunRecord): Promise<void> {
  await w.objects.delete(runKey(run.name))
  const keys = [
    ...(await Array.fromAsync(keysBelow(w, runFolder(run), {}))),
    ...(await Array.fromAsync(keysBelow(w, sentPrefix(run), {}))),
  ]
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
