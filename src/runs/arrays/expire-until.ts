import { hasCode, RemoteJobError } from '../../errors.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import { pause } from '../../pause.ts'
import { expireRuns } from './expire-runs.ts'

/** Seconds within which the first look begins: workers that begin together look at different times. */
const firstSeconds = 10
/** Seconds between two looks of one worker, on average; the half or one and a half of it by chance. */
const intervalSeconds = 300

/** Removes runs whose time to live is over, now and then, for as long as a worker works. */
export async function expireUntil(done: Promise<void>, open: () => Promise<Workspace>): Promise<void> {
  const stop = new AbortController()
  void done.finally(() => stop.abort())
  const { signal } = stop
  await pause(Math.random() * firstSeconds, signal)
  while (!signal.aborted) {
    if (!(await expire(open, signal))) return
    await pause(intervalSeconds * (0.5 + Math.random()), signal)
  }
}

/** False when trying again is of no use. */
async function expire(open: () => Promise<Workspace>, signal: AbortSignal): Promise<boolean> {
  // A queue that cannot be opened now is told of by the worker, and may be opened later.
  const w = await open().catch(() => undefined)
  try {
    if (w) await expireRuns(w, { signal })
    return true
  } catch (error) {
    if (signal.aborted) return false
    const isDenied = hasCode(error, 'ACCESS_DENIED')
    w?.report(isDenied ? explained(error) : error)
    return !isDenied
  }
}

function explained(error: RemoteJobError): RemoteJobError {
  return new RemoteJobError(
    error.code,
    `This worker does not remove runs whose time to live is over, and will not try again: ${error.message}. Grant it what its policy lists, or say \`reap: false\``,
    { cause: error },
  )
}
