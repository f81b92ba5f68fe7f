import type { Cancellable } from '../backend.ts'
import { checkInteger } from '../options.ts'
import { type HistoryEntry, historyKey } from '../protocol/history.ts'
import { isJsonObject, parseJson } from '../protocol/json.ts'
import { inputKey, claimKey } from '../protocol/keys.ts'
import { messageFrom } from '../protocol/message.ts'
import { parseNote } from '../protocol/note.ts'
import { parseRequest } from '../protocol/request.ts'
import { announce } from './announce.ts'
import { readNote, spilledKey } from './describe.ts'
import { readBytes } from './download.ts'
import { newNonce } from './held.ts'
import { readHistory, writeHistory } from './history.ts'
import { isFresh } from './live.ts'
import { objectsBelow } from './objects-below.ts'
import { reapDead } from './reap-dead.ts'
import { reapReplies } from './reap-replies.ts'
import { commit, readRecord } from './result.ts'
import { send } from './send.ts'
import type { Workspace } from './workspace.ts'

/** How thoroughly to tidy up. */
export interface ReapOptions extends Cancellable {
  /** Whole seconds from 60: jobs submitted longer ago that have an input, no end and no message are sent again. @default 1209600 (14 days: no message lives longer) */
  readonly olderThanSeconds?: number | undefined
}

/** What was tidied up. */
export interface Reaped {
  /** Jobs that died too often, now failed. */
  readonly failed: readonly string[]
  /** Jobs that were sent again. */
  readonly resent: readonly string[]
  /** Jobs that a worker acknowledged before it did them, and never ended. */
  readonly lost: readonly string[]
}

const fourteenDays = 14 * 24 * 3600

/**
 * `queue.reap`: gives an end, or another chance, to jobs that fell out of the usual way. It may be run at any time, by anybody, by
 * several at once.
 */
export async function reap(w: Workspace, { olderThanSeconds = fourteenDays, signal }: ReapOptions): Promise<Reaped> {
  checkInteger('olderThanSeconds', olderThanSeconds, 60, 10 * 365 * 24 * 3600)
  const { failed, resent } = await reapDead(w, { signal })
  const lost = w.records === 'none' ? [] : await reapClaims(w, { signal })
  const forgotten = w.records === 'none' ? [] : await resendForgotten(w, olderThanSeconds, { signal })
  await reapReplies(w, { signal })
  return { failed, resent: [...resent, ...forgotten], lost }
}

/** Jobs that were acknowledged early, whose worker has had its time and left no end. */
async function reapClaims(w: Workspace, options: Cancellable): Promise<string[]> {
  const lost: string[] = []
  for await (const id of idsBelow(w, claimKey(''), options)) {
    const claim = parseJson((await readBytes(w.objects, claimKey(id), options))?.toString() ?? '')
    if (!isJsonObject(claim) || typeof claim['at'] !== 'number' || typeof claim['timeoutSeconds'] !== 'number') continue
    if (Date.now() < claim['at'] + claim['timeoutSeconds'] * 1000 || (await readRecord(w, id, options))) continue
    if (await endLost(w, id, options)) lost.push(id)
  }
  return lost
}

async function endLost(w: Workspace, id: string, options: Cancellable): Promise<boolean> {
  const error = {
    name: 'RemoteJobError',
    code: 'LOST',
    message: 'Its worker acknowledged it before the work was done, and was not heard of again',
  }
  const nonce = newNonce()
  const record = { v: 1, id, status: 'failed', attempt: 1, nonce, finishedAt: Date.now(), error, assets: [] } as const
  const standing = await commit(w, record)
  if (standing.nonce !== nonce) return false
  const info = await w.objects.head(inputKey(id), options)
  const request = info && parseRequest(await readNote(w, info, options))
  if (request)
    await announce(
      w,
      messageFrom(id, request, request.pointer ?? { key: inputKey(id), etag: info.etag, size: info.size }),
      record,
    )
  return true
}

/** Jobs with an input and nothing else: their message was never sent, or is older than a message can get. */
async function resendForgotten(w: Workspace, olderThanSeconds: number, options: Cancellable): Promise<string[]> {
  const resent: string[] = []
  const isOld = (time: number): boolean => time < Date.now() - olderThanSeconds * 1000
  for await (const [id, modified] of objectsBelow(w, inputKey(''), options)) {
    if (!isOld(modified.getTime()) || (await readRecord(w, id, options))) continue
    const history = await readHistory(w, id)
    // Of a job that its worker has had for weeks the message is as young as ever; its input is not.
    if (history.some(({ state }) => state === 'claimed') || (await isFresh(w, id))) continue
    if (await resend(w, id, history, isOld, options)) resent.push(id)
  }
  return resent
}

async function resend(
  w: Workspace,
  id: string,
  history: readonly HistoryEntry[],
  isOld: (time: number) => boolean,
  options: Cancellable,
): Promise<boolean> {
  const info = await w.objects.head(inputKey(id), options)
  const note = parseNote(info?.note)
  const request = info && parseRequest(await readNote(w, info, options))
  if (!request || (request.notBefore !== undefined && !isOld(request.notBefore))) return false
  const last = history.findLast(({ state }) => state === 'resent')
  if (last && !isOld(await timeOf(w, id, last, options))) return false
  const delivery = history.reduce((most, entry) => Math.max(most, entry.delivery), 0)
  await writeHistory(w, id, { delivery: delivery + 1, nonce: newNonce() }, 'resent')
  const input = request.pointer ?? { key: inputKey(id), etag: info.etag, size: info.size }
  await send(w, id, request, input, note && spilledKey(note), options)
  return true
}

async function timeOf(w: Workspace, id: string, entry: HistoryEntry, options: Cancellable): Promise<number> {
  const info = await w.objects.head(historyKey(id, entry), options)
  return info?.lastModified.getTime() ?? 0
}

async function* idsBelow(w: Workspace, prefix: string, options: Cancellable): AsyncGenerator<string> {
  for await (const [id] of objectsBelow(w, prefix, options)) yield id
}
