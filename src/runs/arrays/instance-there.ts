import type { Cancellable } from '../../backend.ts'
import { RemoteJobError } from '../../errors.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import { instanceName } from './run-keys.ts'
import type { RunRecord } from './run-record.ts'
import { readSeenState } from './run-state.ts'

/** One instance of a run; without both, several are meant. */
interface Which extends Cancellable {
  readonly index?: number | undefined
  readonly retry?: number | undefined
}

/** @throws RemoteJobError `NOT_FOUND` for one instance that has not begun */
export async function expectInstance(w: Workspace, run: RunRecord, { index, retry, signal }: Which): Promise<void> {
  if (index === undefined || retry === undefined) return
  const { indexes } = await readSeenState(w, run, { signal })
  const state = indexes.find((one) => one.index === index)
  const hasBegun = state && (retry < state.retries || (retry === state.retries && state.startedAt !== undefined))
  if (!hasBegun) throw noInstance(run.name, index, retry)
}

/** What is said of an instance that there is not. */
export function noInstance(run: string, index: number, retry: number): RemoteJobError {
  const name = instanceName(run, index, retry)
  return new RemoteJobError('NOT_FOUND', `There is no instance "${name}" of the run "${run}", or not yet`)
}
