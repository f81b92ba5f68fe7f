import type { Cancellable } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import { JobAlreadySettledError } from '../job-errors.ts'
import type { RecordedAsset, RecordedError, ResultRecord } from '../protocol/record.ts'
import { announce } from './announce.ts'
import { removeAssets, storeAssets } from './assets.ts'
import type { Held } from './held.ts'
import type { Yield } from './outcome.ts'
import { commit, readRecord } from './result.ts'
import type { Workspace } from './workspace.ts'

/** How a worker says that its job ended. */
export interface Outcome extends Yield, Cancellable {
  /** Failed with this; completed when there is none. */
  readonly error: RecordedError | undefined
}

/**
 * Ends a job: its files, then its fate, then the word of it. The message goes last, in a step of its own, so that a crash between
 * any two repeats work and never loses it.
 * @param nonce Marks this try's files and record: a try that was cut off may have written either, so each needs a mark of its own.
 * @throws JobAlreadySettledError when another fate was written first; what this one stored is removed
 */
export async function settle(w: Workspace, held: Held, nonce: string, outcome: Outcome): Promise<ResultRecord> {
  if (held.message.finished) throw finishedAlready(held)
  const assets = await storeAssets(w, held, nonce, outcome).catch((error: unknown) => leave(w, held, error))
  const record = recordOf(held, nonce, outcome, assets)
  const standing = w.records === 'none' ? record : await commit(w, record)
  if (isOf(held, standing)) {
    if (standing.nonce !== nonce) await removeAssets(w, assets)
  } else {
    await removeAssets(w, assets)
    await tellLoser(w, held, standing)
  }
  return standing
}

/** Who learned while it stored its files that the job has ended elsewhere is its loser, as one who learns it later. */
async function leave(w: Workspace, held: Held, error: unknown): Promise<never> {
  const standing = error instanceof JobAlreadySettledError ? await readRecord(w, held.message.id) : undefined
  if (standing) return tellLoser(w, held, standing)
  throw error
}

/** Whether a record is this delivery's own, from this or an earlier try to write it. */
export function isOf(held: Held, record: ResultRecord): boolean {
  return record.nonce.startsWith(held.nonce)
}

/** How the message of an ended job goes. */
export interface Farewell {
  /** Whether it is gone already. */
  readonly isGone: boolean
  /** Takes care of its removal, when nobody waits for that; then it may share a request with others. */
  readonly afterwards?: ((work: Promise<void>) => void) | undefined
}

/** Seconds that a removal nobody waits for may wait for others. */
const patienceSeconds = 1

/** The rest of the end, which may be done again: the word, then the message. */
export async function finish(
  w: Workspace,
  held: Held,
  record: ResultRecord,
  { isGone, afterwards }: Farewell,
): Promise<void> {
  await announce(w, held.message, record)
  if (isGone) return
  if (afterwards) afterwards(held.queue.delete(held.receipt, { patienceSeconds }))
  else await held.queue.delete(held.receipt)
}

/**
 * Nobody else holds the message of a job that was cancelled or expired, so its loser takes it off; after another worker's result
 * that worker does.
 */
async function tellLoser(w: Workspace, held: Held, standing: ResultRecord): Promise<never> {
  if (standing.status === 'cancelled' || standing.status === 'expired')
    await finish(w, held, standing, { isGone: false })
  throw new JobAlreadySettledError(held.message.id, standing.status)
}

function recordOf(held: Held, nonce: string, outcome: Outcome, assets: readonly RecordedAsset[]): ResultRecord {
  const { message, attempt, receivedAt } = held
  return {
    v: 1,
    id: message.id,
    status: outcome.error ? 'failed' : 'completed',
    attempt,
    nonce,
    requestHash: message.hash,
    submittedAt: message.submittedAt,
    startedAt: receivedAt,
    finishedAt: Date.now(),
    error: outcome.error,
    value: outcome.value,
    assets,
  }
}

function finishedAlready({ message }: Held): RemoteJobError {
  return new RemoteJobError(
    'UNSUPPORTED',
    `Job "${message.id}" is a finished one; acknowledge() takes it off its queue`,
  )
}
