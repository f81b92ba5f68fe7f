import type { Cancellable } from '../../backend.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import type { RunId } from './run-keys.ts'
import { readRun, type RunRecord } from './run-record.ts'

/** Runs that a process remembers. */
const most = 100

/** What runs are, which never changes: so a process reads it once. Whether one is still there has to be asked anew. */
export class KnownRuns {
  readonly #runs = new Map<string, RunRecord>()

  /** What a run is, though it may have been deleted meanwhile; `undefined` when it is known to have been. */
  async recall(w: Workspace, id: RunId, options: Cancellable): Promise<RunRecord | undefined> {
    return this.#runs.get(id.uid) ?? this.find(w, id, options)
  }

  /** The run, if it is there now: not one that was given its name anew. */
  async find(w: Workspace, { name, uid }: RunId, options: Cancellable): Promise<RunRecord | undefined> {
    const run = await readRun(w, name, options)
    if (run?.uid !== uid) return undefined
    this.#runs.delete(uid)
    this.#runs.set(uid, run)
    for (const [oldest] of this.#runs) {
      if (this.#runs.size <= most) break
      this.#runs.delete(oldest)
    }
    return run
  }
}
