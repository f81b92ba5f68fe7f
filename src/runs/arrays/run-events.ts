import type { Cancellable } from '../../backend.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import { type InstanceState, instanceName } from './run-keys.ts'
import { readNotes } from './run-notes.ts'
import type { RunRecord } from './run-record.ts'
import { type IndexState, readSeenState } from './run-state.ts'

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
  // The state first: all that came before an end that it tells of is noted by then.
  const { indexes, finishedAt } = await readSeenState(w, run, options)
  const { notes } = await readNotes(w, run, options)
  const ends = new Map(indexes.flatMap((state) => endOf(run, state)))
  const tries = notes
    .filter(({ index, attempt, state }) => !(ends.get(index)?.kind === state && ends.get(index)?.attempt === attempt))
    .map(({ at, index, attempt, state, reason }): RunEvent => {
      return { at, kind: kindOf(state, attempt), instance: instanceName(run.name, index, attempt - 1), index, reason }
    })
  const ofInstances = [...tries, ...[...ends.values()].map(({ attempt: _, ...event }) => event)]
  const ofRun = { instance: undefined, index: undefined, reason: undefined }
  return [
    { ...ofRun, at: new Date(run.submittedAt), kind: 'submitted' },
    ...ofInstances.toSorted((a, b) => a.at.getTime() - b.at.getTime()),
    ...(finishedAt ? [{ ...ofRun, at: finishedAt, kind: 'finished' } as const] : []),
  ]
}

/**
 * The end of an index. It is told by the index's fate, which is written before its note: in between, and after a worker that died in
 * between, there is no note. Nor is there one of an index that was never begun.
 */
function endOf(
  run: RunRecord,
  state: IndexState,
): readonly (readonly [number, RunEvent & { readonly attempt: number }])[] {
  const { index, status, finishedAt, retries, lastFailureReason } = state
  if (!finishedAt) return []
  const kind = status === 'succeeded' ? 'succeeded' : 'failed'
  const reason = kind === 'failed' ? lastFailureReason : undefined
  const instance = instanceName(run.name, index, retries)
  return [[index, { at: finishedAt, kind, instance, index, reason, attempt: retries + 1 }]]
}

function kindOf(state: InstanceState['state'], attempt: number): RunEvent['kind'] {
  return state === 'started' && attempt > 1 ? 'retried' : state
}
