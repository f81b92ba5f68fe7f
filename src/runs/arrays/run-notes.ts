import type { Cancellable } from '../../backend.ts'
import { objectsBelow } from '../../lifecycle/objects-below.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import { goneKey, type InstanceState, parseStateKey, type RunId, runFolder } from './run-keys.ts'

/** What happened to an instance, and when: by the clock of the store, which on S3 counts whole seconds. */
export interface InstanceNote extends InstanceState {
  readonly at: Date
}

/** All that is noted of a run. */
export interface RunNotes {
  readonly notes: readonly InstanceNote[]
  /** When what could be seen of it was removed, once its time to live was over. */
  readonly goneAt: Date | undefined
}

/** Reads the names of a run's objects: a thousand a request. */
export async function readNotes(w: Workspace, run: RunId, options: Cancellable = {}): Promise<RunNotes> {
  const folder = runFolder(run)
  const notes: InstanceNote[] = []
  let goneAt: Date | undefined
  for await (const [rest, at] of objectsBelow(w, folder, options)) {
    const state = parseStateKey(run, folder + rest)
    if (state) notes.push({ ...state, at })
    else if (folder + rest === goneKey(run)) goneAt = at
  }
  return { notes, goneAt }
}
