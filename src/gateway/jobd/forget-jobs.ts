import type { Cancellable } from '../../backend.ts'
import { hasCode } from '../../errors.ts'
import { objectsBelow } from '../../lifecycle/objects-below.ts'
import { removeResult } from '../../lifecycle/remove-result.ts'
import { readRecord } from '../../lifecycle/result.ts'
import { statusBefore } from '../../lifecycle/status.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import type { Queue } from '../../queue.ts'
import { partialKey, stateKey } from './slurml-state.ts'

/** Below it are the ids of the jobs that came over jobd's routes: those of anybody else in the same queue are not jobd's to remove. */
const prefix = 'jobd/'

/** Writes down that a job is one of jobd's. Without it, what it hands back stays. */
export async function noteJob(queue: Queue, id: string): Promise<void> {
  await queue.store({ key: prefix + id })
}

/**
 * Removes what jobd's jobs handed back and wrote whose end is longer ago than they can be asked for. Their fates stay, since a message
 * may come late, and what they were given, since it may be tried again. Any number may do so at once, and what one left half done the
 * next one does: the note goes last.
 * @throws RemoteJobError `ACCESS_DENIED`
 */
export async function forgetJobs(w: Workspace, keepSeconds: number, options: Cancellable = {}): Promise<void> {
  const before = Date.now() - keepSeconds * 1000
  for await (const [id, notedAt] of objectsBelow(w, prefix, options)) {
    if (notedAt.getTime() >= before) continue
    try {
      if (await isOver(w, id, before, options)) await forget(w, id, options)
    } catch (error) {
      options.signal?.throwIfAborted()
      if (hasCode(error, 'ACCESS_DENIED')) throw error
      // One that cannot be read keeps no other from going.
      w.report(error)
    }
  }
}

/** One of which nothing is known any more went with its queue's retention. */
async function isOver(w: Workspace, id: string, before: number, options: Cancellable): Promise<boolean> {
  const record = await readRecord(w, id, options)
  return record ? record.finishedAt < before : (await statusBefore(w, id, options)) === undefined
}

async function forget(w: Workspace, id: string, options: Cancellable): Promise<void> {
  await removeResult(w, id, options)
  for (const folder of [`assets/${id}/`, `logs/${id}/`])
    for await (const [rest] of objectsBelow(w, folder, options)) await w.objects.delete(folder + rest, options)
  for (const key of [stateKey(id), partialKey(id), prefix + id]) await w.objects.delete(key, options)
}
