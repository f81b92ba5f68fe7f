import type { Cancellable } from '../../backend.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import { settleDependencies } from './dependencies.ts'
import { sendFanOut } from './fan-out.ts'
import { firstDueKey } from './look-times.ts'
import { runKey } from './run-keys.ts'
import { readRun, type RunRecord } from './run-record.ts'

/**
 * Writes down what is run, unless the name is taken, and asks the workers to send its instances. False when another run has the name; one
 * of the same mark is the same run, and is only asked for once more.
 * @throws RemoteJobError `INVALID_ARGUMENT`, `NOT_FOUND` for a dependency that there is not, `UNSUPPORTED`
 */
export async function startRun(w: Workspace, given: RunRecord, { signal }: Cancellable): Promise<boolean> {
  const { dependsOn } = given.definition
  const dependencies = dependsOn.length === 0 ? undefined : await settleDependencies(w, dependsOn, { signal })
  const run = { ...given, dependencies }
  // First, so that there is no run that nobody looks after: whoever dies before the end leaves one that is sent by others, or none.
  await w.objects.put(firstDueKey(run), Buffer.alloc(0), { signal })
  const body = Buffer.from(JSON.stringify(run))
  const written = await w.objects.putIfAbsent(runKey(run.name), body, { contentType: 'application/json', signal })
  // A lost answer makes the store's own second try find the first.
  if (!written && (await readRun(w, run.name, { signal }))?.uid !== run.uid) return false
  await sendFanOut(w, run)
  return true
}
