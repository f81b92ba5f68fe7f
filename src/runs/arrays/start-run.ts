import type { Cancellable } from '../../backend.ts'
import { RemoteJobError } from '../../errors.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import type { JobDefinition } from '../definition/job-definition.ts'
import { sendFanOut } from './fan-out.ts'
import { runKey } from './run-keys.ts'
import { readRun, type RunRecord } from './run-record.ts'

/**
 * Writes down what is run, unless the name is taken, and asks the workers to send its instances. False when another run has the name; one
 * of the same mark is the same run, and is only asked for once more.
 * @throws RemoteJobError `UNSUPPORTED`
 */
export async function startRun(w: Workspace, run: RunRecord, { signal }: Cancellable): Promise<boolean> {
  checkSupported(run.definition)
  const body = Buffer.from(JSON.stringify(run))
  const written = await w.objects.putIfAbsent(runKey(run.name), body, { contentType: 'application/json', signal })
  // A lost answer makes the store's own second try find the first.
  if (!written && (await readRun(w, run.name, { signal }))?.uid !== run.uid) return false
  await sendFanOut(w, run)
  return true
}

/** Refused rather than ignored. */
function checkSupported({ dependsOn }: JobDefinition): void {
  if (dependsOn.length === 0) return
  throw new RemoteJobError('UNSUPPORTED', 'Runs do not know `dependsOn` yet: leave it out')
}
