import { hasCode, RemoteJobError } from '../../errors.ts'
import { pause } from '../../pause.ts'
import type { Queue } from '../../queue.ts'
import { source } from '../../worker.ts'
import type { House } from '../house.ts'
import { forgetJobs } from './forget-jobs.ts'

/** Seconds between two looks, as jobd has them; the half or one and a half of it by chance. */
const intervalSeconds = 3600

/** Removes what can be asked for no more, at once and then about every hour, until the gateway closes or is found not to be allowed to. */
export async function forgetUntil(queue: Queue, keepSeconds: number, house: House): Promise<void> {
  const { closing } = house
  const report = (error: unknown): void => house.report(error)
  while (!closing.aborted) {
    try {
      const w = await queue[source].open()
      await forgetJobs({ ...w, report }, keepSeconds, { signal: closing })
    } catch (error) {
      if (closing.aborted) return
      if (hasCode(error, 'ACCESS_DENIED')) return report(explained(error))
      report(error)
    }
    await pause(intervalSeconds * (0.5 + Math.random()), closing)
  }
}

function explained(error: RemoteJobError): RemoteJobError {
  return new RemoteJobError(
    error.code,
    `This gateway does not remove what jobd's jobs handed back, and will not try again: ${error.message}. Grant it s3:DeleteObject below assets/, logs/, jobd/ and slurml/, and s3:PutObject below results/, or say \`scheduler: false\``,
    { cause: error },
  )
}
