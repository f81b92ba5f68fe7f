import { hasCode, RemoteJobError } from '../errors.ts'
import { pause } from '../pause.ts'
import { fireSchedules } from './fire-schedules.ts'
import { fireTimers } from './fire-timers.ts'
import { KnownSchedules } from './known-schedules.ts'
import type { Workspace } from './workspace.ts'

/** Seconds between two looks, on average: jobs are sent ahead of their time, so none is late for it. */
const intervalSeconds = 60
/** Seconds within which the first look begins. */
const firstSeconds = 2

/** What a scheduler looks after. */
interface Duty {
  readonly what: string
  look(): Promise<unknown>
}

/**
 * Looks at timers and schedules until the signal aborts: soon, and then about once a minute, by chance a tenth earlier or later, so
 * that of many schedulers mostly one does the work. What goes wrong is reported and ends nothing, unless it will not be otherwise in a
 * minute.
 */
export async function keepTime(w: Workspace, stop: AbortSignal): Promise<void> {
  const signal = AbortSignal.any([stop, w.closing])
  // Without records no job waits for its time.
  if (w.records === 'none') return
  const known = new KnownSchedules()
  const duties = new Set<Duty>([
    { what: 'make the jobs of schedules', look: () => fireSchedules(w, { known, signal }) },
    { what: 'send jobs at their time', look: () => fireTimers(w, { signal }) },
  ])
  await pause(Math.random() * firstSeconds, signal)
  while (!signal.aborted && duties.size > 0) {
    for (const duty of duties) {
      if (!(await perform(w, duty, signal))) duties.delete(duty)
    }
    await pause(intervalSeconds * (0.9 + Math.random() / 5), signal)
  }
}

/** False when it need not be tried again. */
async function perform(w: Workspace, duty: Duty, signal: AbortSignal): Promise<boolean> {
  try {
    await duty.look()
    return true
  } catch (error) {
    if (signal.aborted) return false
    const isDenied = hasCode(error, 'ACCESS_DENIED')
    w.report(isDenied ? explained(error, duty.what) : error)
    return !isDenied
  }
}

function explained(error: RemoteJobError, what: string): RemoteJobError {
  return new RemoteJobError(
    error.code,
    `This scheduler does not ${what}, and will not try again: ${error.message}. Grant it what its policy lists`,
    { cause: error },
  )
}
