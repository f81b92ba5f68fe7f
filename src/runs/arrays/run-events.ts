import type { Cancellable } from '../../backend.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import { type InstanceState, instanceName } from './run-keys.ts'
import { readNotes } from './run-notes.ts'
import type { RunRecord } from './run-record.ts'
import { readSeenState } from './run-state.ts'

/** Something that happened to a run. */
export interface RunEvent {
  /** By the clock of the store, which on S3 counts whole seconds. */
  readonly at: Date
  readonly kind: 'submitted' | 'started' | 'retried' | 'restarted' | 'failed' | 'succeeded' | 'finished'
  /** The instance, as `<run>-<index>-<retry>`; `undefined` of the run itself. */
  readonly instance: string | undefined
  readonly index: number | undefined
  /** Of a failure. */
  readonly reason: string | undefined
}

/** What happened to a run and its instances, the oldest first: as much as the names of its objects tell. */
export async function readEvents(
  w: Workspace,
  run: RunRecord,
  options: Cancellable = {},
): Promise<readonly RunEvent[]> {
  // The notes first: an end that is seen is one of all that is told before it.
  const { notes } = await readNotes(w, run, options)
  const { finishedAt } = await readSeenState(w, run, options)
  const ofRun = { instance: undefined, index: undefined, reason: undefined }
  const instances = notes.map(({ at, index, attempt, state, reason }): RunEvent => {
    const instance = instanceName(run.name, index, attempt - 1)
    return { at, kind: kindOf(state, attempt), instance, index, reason }
  })
  return [
    { ...ofRun, at: new Date(run.submittedAt), kind: 'submitted' },
    ...instances.toSorted((a, b) => a.at.getTime() - b.at.getTime()),
    ...(finishedAt ? [{ ...ofRun, at: finishedAt, kind: 'finished' } as const] : []),
  ]
}

function kindOf(state: InstanceState['state'], attempt: number): RunEvent['kind'] {
  return state === 'started' && attempt > 1 ? 'retried' : state
}
