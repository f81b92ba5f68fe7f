import { hasCode, RemoteJobError } from '../errors.ts'
import { pause } from '../pause.ts'
import { fireTimers } from './fire-timers.ts'
import type { Workspace } from './workspace.ts'

/** Seconds between two looks, on average: jobs are sent ahead of their time, so none is late for it. */
const intervalSeconds = 60
/** Seconds within which the first look begins. */
const firstSeconds = 2

/**
 * Looks at timers until the signal aborts: soon, and then about once a minute, by chance a tenth earlier or later, so that of many
 * schedulers mostly one does the work. What goes wrong is reported and ends nothing, unless it will not be otherwise in a minute.
 */
export async function keepTime(w: Workspace, stop: AbortSignal): Promise<void> {
  const signal = AbortSignal.any([stop, w.closing])
  // Without records no job waits for its time.
  if (w.records === 'none') return
  await pause(Math.random() * firstSeconds, signal)
  while (!signal.aborted) {
    try {
      await fireTimers(w, { signal })
    } catch (error) {
      if (signal.aborted) return
      if (hasCode(error, 'ACCESS_DENIED')) return w.report(explained(error))
      w.report(error)
    }
    await pause(intervalSeconds * (0.9 + Math.random() / 5), signal)
  }
}

function explained(error: RemoteJobError): RemoteJobError {
  return new RemoteJobError(
    error.code,
    `This scheduler does not send jobs at their time, and will not try again: ${error.message}. Grant it what its policy lists`,
    { cause: error },
  )
}
