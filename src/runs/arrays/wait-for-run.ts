import type { Cancellable } from '../../backend.ts'
import { RemoteJobError } from '../../errors.ts'
import { checkSeconds } from '../../options.ts'
import { pause } from '../../pause.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import { expectRun } from './run-record.ts'
import { readState, type RunState } from './run-state.ts'

/** How long to wait for a run's end. */
export interface RunWaitOptions extends Cancellable {
  /** Most seconds to wait; then it rejects with `TIMED_OUT`, and the run goes on. @default no limit */
  readonly timeoutSeconds?: number | undefined
  /** Most seconds between two looks, from 0.2; each costs some requests. @default 5 */
  readonly lookSeconds?: number | undefined
  /** Is given what each look found. */
  readonly onState?: ((state: RunState) => void) | undefined
}

/** Seconds from one look to the next, at first. */
const firstPause = 0.2

/**
 * The state of a run that has ended, as soon as it has.
 * @throws RemoteJobError `NOT_FOUND` for a run that there is not, or not any more, `TIMED_OUT`, `RESULT_EXPIRED`
 */
export async function waitForRun(w: Workspace, name: string, options: RunWaitOptions): Promise<RunState> {
  const { timeoutSeconds, lookSeconds = 5, signal, onState } = options
  checkSeconds('timeoutSeconds', timeoutSeconds)
  checkSeconds('lookSeconds', lookSeconds)
  const deadline = Date.now() + (timeoutSeconds ?? Infinity) * 1000
  for (let turn = 0; ; turn += 1) {
    const state = await readState(w, await expectRun(w, name, { signal }), { signal })
    onState?.(state)
    if (state.finishedAt) return state
    const left = (deadline - Date.now()) / 1000
    if (left <= 0) throw late(state, timeoutSeconds)
    await pause(Math.min(left, Math.max(lookSeconds, firstPause), firstPause * 1.5 ** turn), signal)
    signal?.throwIfAborted()
  }
}

function late({ name, status }: RunState, timeoutSeconds: number | undefined): RemoteJobError {
  return new RemoteJobError(
    'TIMED_OUT',
    `The run "${name}" is ${status} after ${timeoutSeconds} seconds; it goes on, and can be waited for again`,
  )
}
