import type { Cancellable } from '../../backend.ts'
import { readRecord } from '../../lifecycle/result.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import { isSendable, sendFanOut } from './fan-out.ts'
import { sendAgainAfter } from './look-times.ts'
import { fanOutJobId, sentPrefix } from './run-keys.ts'
import { deadlineOf, type RunRecord } from './run-record.ts'

/**
 * Asks the workers once more to send the instances of a run of which none was sent: its requester may have died before it did. When
 * that was so, the run goes on; when the first message only waits, there are two for the one job, whose fate is written once.
 * @returns When to look again, in milliseconds since 1970; nothing for a run that needs no look
 */
export async function sendAgain(w: Workspace, run: RunRecord, options: Cancellable): Promise<number | undefined> {
  if (Date.now() > deadlineOf(run) || (await isSent(w, run, options))) return undefined
  const age = Date.now() - run.submittedAt
  if (age < sendAgainAfter) return run.submittedAt + sendAgainAfter
  // Whoever is offered the message of a run that waits looks by itself, and another message would only look with it.
  if (!(await isSendable(w, run, options))) return Date.now() + sendAgainAfter
  await sendFanOut(w, run)
  // Twice as late each time: where all hands are busy for days, a few messages more stand in the queue.
  return Date.now() + age
}

/** Whether somebody has begun to send the instances, which then goes on by itself, or has found that they never will be sent. */
async function isSent(w: Workspace, run: RunRecord, options: Cancellable): Promise<boolean> {
  const { objects } = await w.objects.list(sentPrefix(run), { ...options, limit: 1 })
  return objects.length > 0 || (await readRecord(w, fanOutJobId(run), options)) !== undefined
}
