import type { Cancellable } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import { maxDelaySeconds, type Timing } from '../options.ts'
import type { JobRequest } from '../protocol/request.ts'
import { timerKey } from '../protocol/timers.ts'
import type { Workspace } from './workspace.ts'

/** Days that a message lives, and must find its input. */
const messageDays = 14

/**
 * When a job may be taken at the earliest, in milliseconds since 1970; `undefined` for at once.
 * @throws RemoteJobError `UNSUPPORTED`, `INVALID_ARGUMENT` where it would not last until then
 */
export function notBeforeOf(w: Workspace, { delaySeconds, runAt }: Timing, submittedAt: number): number | undefined {
  const notBefore = runAt?.getTime() ?? (delaySeconds ? submittedAt + delaySeconds * 1000 : undefined)
  if (notBefore === undefined || !isFar(notBefore)) return notBefore
  if (w.records === 'none')
    throw new RemoteJobError(
      'UNSUPPORTED',
      `With records: 'none' a job can wait for ${maxDelaySeconds} seconds at most: nothing is written that a later time could be kept in`,
    )
  checkRetention(w, notBefore - submittedAt)
  return notBefore
}

/** Inputs go so many days after they were written, whatever their job waits for. */
function checkRetention({ retentionDays }: Workspace, delay: number): void {
  if (retentionDays === undefined || delay <= (retentionDays - messageDays) * 86_400_000) return
  throw new RemoteJobError(
    'INVALID_ARGUMENT',
    `With retentionDays: ${retentionDays} a job can wait for ${retentionDays - messageDays} days at most, or its input would go before it is done`,
  )
}

/** Whether a time is further off than a message can be delayed. */
export function isFar(notBefore: number | undefined): notBefore is number {
  return notBefore !== undefined && notBefore - Date.now() > maxDelaySeconds * 1000
}

/** Leaves it to a scheduler to send a job when its time has come. Its input must be there: the message is made from it. */
export async function setTimer(
  w: Workspace,
  id: string,
  { notBefore = 0 }: Pick<JobRequest, 'notBefore'>,
  options?: Cancellable,
): Promise<void> {
  await w.objects.put(timerKey(notBefore, id), Buffer.alloc(0), { signal: options?.signal })
}
