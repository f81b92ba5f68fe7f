import type { Delivery } from '../backend.ts'
import { hasCode } from '../errors.ts'
import { readDelivery } from '../protocol/delivery.ts'
import { isJsonObject } from '../protocol/json.ts'
import { type HistoryEntry, tallyOf, unfinishedStarts } from '../protocol/history.ts'
import type { JobMessage } from '../protocol/message.ts'
import { recordedError, type RecordedError, type FinalStatus } from '../protocol/record.ts'
import { readSpilled } from './describe.ts'
import { endUnrun } from './end-unrun.ts'
import { type Held, newNonce } from './held.ts'
import { foldHistory } from './fold-history.ts'
import { readHistory, writeHistory } from './history.ts'
import { type Candidate, isSpent, leaveToOwner, lookForOwner } from './leave.ts'
import { isFresh } from './live.ts'
import { setAside } from './poison.ts'
import { putBack } from './put-back.ts'
import { readRecord } from './result.ts'
import { sendMessage } from './send.ts'
import { announce } from './announce.ts'
import { passOn } from './pass-on.ts'
import type { Workspace } from './workspace.ts'

/** Where a delivery came from, and when. */
export interface Arrival {
  readonly status: string
  readonly receivedAt: number
  readonly leaseSeconds: number
  /** Whether whoever received it takes such a job; the others are left to other workers. @default all */
  readonly accepts?: ((message: JobMessage) => boolean | Promise<boolean>) | undefined
}

/** Seconds for which a message is left to others, newer workers say. */
const restSeconds = 60

/**
 * From a delivery to a job in hand, or `undefined` when there is nothing to work on: the message was settled, set aside or left
 * to others on the way.
 */
export async function admit(w: Workspace, delivery: Delivery, arrival: Arrival): Promise<Held | undefined> {
  const queue = w.queue(arrival.status)
  const reading = (await w.readNotification?.(delivery)) ?? readDelivery(delivery, w.home)
  switch (reading.kind) {
    case 'job': {
      const message = await complete(w, reading.message)
      if ('reason' in message) return setAside(w, queue, delivery, message.reason)
      const candidate = { ...reading, message, delivery }
      if (message.finished) return take(w, candidate, arrival, [])
      try {
        return await admitJob(w, candidate, reading.isReplacement, arrival)
      } catch (error) {
        // Its result is of a newer version, as is whoever wrote it: it is theirs to announce and to take off.
        if (!hasCode(error, 'UNSUPPORTED')) throw error
        return rest(w, candidate, arrival)
      }
    }
    case 'several':
      // The copies carry ids made from their content, so a crash in here makes copies of the same jobs, not more jobs.
      for (const message of reading.messages) await sendMessage(w, arrival.status, message)
      await queue.delete(delivery.receipt)
      return undefined
    case 'nothing':
      await queue.delete(delivery.receipt)
      return undefined
    case 'later':
      return rest(w, { delivery, base: reading.base }, arrival)
    case 'malformed':
      return setAside(w, queue, delivery, reading.reason)
    default:
      return reading satisfies never
  }
}

/** Leaves a message to others, or to another time. */
async function rest(
  w: Workspace,
  { delivery, base }: Pick<Candidate, 'delivery' | 'base'>,
  { status }: Arrival,
): Promise<undefined> {
  await putBack(w, { ...delivery, queue: w.queue(status), delivery: delivery.receiveCount + base }, restSeconds)
}

/**
 * A delivered job is run, unless its fate is written, somebody has it without a message, another message stands for it, it was
 * claimed, it came too late, or it never ends what it starts.
 */
async function admitJob(
  w: Workspace,
  candidate: Candidate,
  isReplacement: boolean,
  arrival: Arrival,
): Promise<Held | undefined> {
  const { message, delivery } = candidate
  const queue = w.queue(arrival.status)
  const again = isReplacement || delivery.receiveCount > 1
  const record = w.records === 'all' || (w.records === 'results' && again) ? await readRecord(w, message.id) : undefined
  if (record) {
    // Its writer may have died before it told anybody, so it is told (once more) before the message goes.
    await announce(w, message, record)
    await queue.delete(delivery.receipt)
    return undefined
  }
  const sign = await lookForOwner(w, candidate)
  if (sign && sign.live.nonce === candidate.owner) return leaveToOwner(queue, candidate, sign)
  if (!(await isAccepted(message, arrival))) return passOn(queue, candidate)
  const history = again ? await readHistory(w, message.id) : []
  if (isSpent(history, candidate)) {
    await queue.delete(delivery.receipt)
    return undefined
  }
  // Of a message that was received before, the sign may be of the worker that received it, and died with it.
  if (sign && delivery.receiveCount === 1) return leaveToOwner(queue, candidate, sign)
  const end = await endWithoutRun(w, candidate, history)
  if (end) {
    await endUnrun(w, { message, queue, receipt: delivery.receipt }, end)
    return undefined
  }
  const held = await take(w, candidate, arrival, history)
  if (held && again) await writeHistory(w, message.id, held, 'started')
  // Nobody needs it done now.
  await foldHistory(w, message.id, history).catch((error: unknown) => w.report(error))
  return held
}

/** What came too late is ended by anybody. */
async function isAccepted(message: JobMessage, { accepts }: Arrival): Promise<boolean> {
  return !accepts || isLate(message) || accepts(message)
}

function isLate({ expiresAt }: JobMessage): boolean {
  return expiresAt !== undefined && Date.now() > expiresAt
}

async function endWithoutRun(
  w: Workspace,
  { message }: Candidate,
  history: readonly HistoryEntry[],
): Promise<{ status: FinalStatus; error: RecordedError } | undefined> {
  const crashes = unfinishedStarts(history)
  if (crashes >= Math.max(10, 3 * (message.attempts ?? w.attempts))) {
    return {
      status: 'failed',
      error: {
        name: 'RemoteJobError',
        code: 'CRASHED',
        message: `${crashes} starts of this job ended with no word from its worker`,
      },
    }
  }
  if (!isLate(message) || (await isFresh(w, message.id))) return undefined
  return {
    status: 'expired',
    error: { name: 'RemoteJobError', code: 'JOB_EXPIRED', message: 'No worker started this job in time' },
  }
}

/** A job in hand; one whose metadata does not fit the schema fails here, with the reason for its requester. */
async function take(
  w: Workspace,
  { message, delivery, base }: Candidate,
  arrival: Arrival,
  history: readonly HistoryEntry[],
): Promise<Held | undefined> {
  const queue = w.queue(arrival.status)
  const { receipt, receiveCount, body } = delivery
  const count = receiveCount + base
  const nonce = newNonce()
  const place = { message, queue, receipt, receiveCount, body, delivery: count, nonce, ...arrival }
  const counted = {
    attempt: message.finished?.attempt ?? Math.max(1, count - tallyOf(history).released),
    attempts: message.attempts ?? w.attempts,
  }
  try {
    return { ...place, ...counted, metadata: await w.validate(message.metadata) }
  } catch (error) {
    if (!hasCode(error, 'INVALID_ARGUMENT')) throw error
    if (message.finished) return { ...place, ...counted, metadata: message.metadata }
    await endUnrun(w, place, { status: 'failed', error: recordedError(error) })
    return undefined
  }
}

/** The message with its metadata, where that was too large to ride. */
async function complete(w: Workspace, message: JobMessage): Promise<JobMessage | { readonly reason: string }> {
  if (message.spilled === undefined) return message
  try {
    const { metadata } = await readSpilled(w, message.spilled)
    return isJsonObject(metadata) ? { ...message, metadata } : message
  } catch (error) {
    if (hasCode(error, 'NOT_FOUND')) return { reason: error.message }
    throw error
  }
}
