import { hasCode } from '../errors.ts'
import { historyKey } from '../protocol/history.ts'
import type { RecordedError } from '../protocol/record.ts'
import type { Held } from './held.ts'
import { writeHistory } from './history.ts'
import { putBack } from './put-back.ts'
import { sendReplacement } from './replacement.ts'
import type { Workspace } from './workspace.ts'

/** How a job is given back. */
export interface ReleaseOptions {
  /** Whole seconds until it is delivered again, from 0 to 900. @default 0 */
  readonly delaySeconds?: number | undefined
  /** Whether this delivery counts as an attempt; `false` for a job that was not started. @default true */
  readonly counted?: boolean | undefined
  /** Why the job goes back: kept in its history. */
  readonly error?: unknown
}

/** How a job goes back to its queue. */
export interface Release {
  /** Whole seconds until it is delivered again, from 0 to 900. */
  readonly delaySeconds: number
  /** Whether this delivery counts as an attempt. */
  readonly counted: boolean
  /** Why it goes back, for the job's history. */
  readonly error?: RecordedError | undefined
}

/**
 * Gives a job back, and notes it first: a start with no end would count as a crash.
 * @param isRenewed Whether the job's message is gone, and another comes to look for its owner
 */
export async function release(
  w: Workspace,
  held: Held,
  { delaySeconds, counted, error }: Release,
  isRenewed: boolean,
): Promise<void> {
  const { message } = held
  const state = counted ? 'failed' : 'released'
  if (!message.finished) await writeHistory(w, message.id, held, state, error)
  if (isRenewed) return sendAnother(w, held, delaySeconds)
  try {
    // The id is written on it since a message of remotejob 2 has none but its own.
    await putBack(w, { ...held, attributes: { id: message.id }, group: message.group }, delaySeconds)
  } catch (problem) {
    // It was not given back: this delivery counts after all.
    if (hasCode(problem, 'LEASE_LOST') && !counted) await w.objects.delete(historyKey(message.id, { ...held, state }))
    throw problem
  }
}

/** There is no message to give back: another is sent, and those that looked for this worker stand for nobody from then on. */
async function sendAnother(w: Workspace, held: Held, delaySeconds: number): Promise<void> {
  await sendReplacement(held, { base: held.delivery, delaySeconds })
  await writeHistory(w, held.message.id, held, 'withdrawn')
}
