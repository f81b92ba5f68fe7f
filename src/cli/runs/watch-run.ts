import type { Runs, RunState, RunWaitOptions } from '../../runs.ts'
import { exitCodes } from '../exit-codes.ts'
import { interruption } from '../interruption.ts'
import { Problem } from '../problem.ts'
import type { Session } from '../session.ts'
import { runGrid } from './run-grid.ts'

/** Seconds between two looks of somebody who watches. */
const lookSeconds = 1

/** Whether people see a run as it changes, rather than scripts its state. */
export function isWatched({ terminal: { out, isQuiet }, globals }: Session): boolean {
  return out.isTTY && !isQuiet && globals.output.kind === 'table'
}

/**
 * Waits for a run's end; where people look, its indexes are drawn meanwhile, in place.
 * @throws Problem with the status of an interruption after Ctrl-C, which ends the waiting and not the run
 */
export async function awaitRun(
  session: Session,
  runs: Runs,
  name: string,
  timeoutSeconds: number | undefined,
): Promise<RunState> {
  using interrupted = interruption(session.terminal, {})
  const { drain: signal } = interrupted
  try {
    return await (isWatched(session) ? drawn : plain)(session, runs, name, { timeoutSeconds, signal })
  } catch (error) {
    if (!signal.aborted) throw error
    const goOn = `the run goes on: ${session.typed('jobrun', 'get', '-n', name)}`
    throw new Problem(exitCodes.interrupted, `Stopped waiting; ${goOn}`, { cause: error })
  }
}

function plain(_: Session, runs: Runs, name: string, options: RunWaitOptions): Promise<RunState> {
  return runs.wait(name, options)
}

async function drawn({ terminal: { out } }: Session, runs: Runs, name: string, options: RunWaitOptions) {
  const { createLogUpdate } = await import('log-update')
  const screen = createLogUpdate(out, { showCursor: false })
  try {
    const state = await runs.wait(name, { ...options, lookSeconds, onState: (now) => screen(frame(now, out)) })
    // Its end stays on the screen, so all of it may be there.
    screen.clear()
    out.write(`${runGrid(state, out)}\n`)
    return state
  } finally {
    screen.done()
  }
}

/** What fits the screen; its last row is left to the cursor. */
function frame(state: RunState, out: NodeJS.WriteStream): string {
  return runGrid(state, out, out.rows - 1)
}
