import type { Cancellable, ObjectInfo } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import { inputKey } from '../protocol/keys.ts'
import { messageFrom } from '../protocol/message.ts'
import { parseNote } from '../protocol/note.ts'
import { parseRequest } from '../protocol/request.ts'
import { announce } from './announce.ts'
import { readNote, spilledKey } from './describe.ts'
import { readRecord } from './result.ts'
import { send } from './send.ts'
import type { Workspace } from './workspace.ts'

/**
 * Seconds before its time at which a job is sent, with what is left as the delay of its message: more than two looks of one scheduler
 * are apart, so that it comes at its time and not at the next look.
 */
export const aheadSeconds = 120

/**
 * Sends the job of an input whose time has come. One that has ended meanwhile was cancelled, mostly: nobody holds a message of it, so
 * its end is told from here. One whose time is further off, by the store's clock, is left alone.
 */
export async function sendDue(
  w: Workspace,
  id: string,
  info: ObjectInfo,
  options: Cancellable,
): Promise<'sent' | 'announced' | 'early'> {
  const note = parseNote(info.note)
  const request = parseRequest(await readNote(w, info, options))
  if (!request) throw unreadable(id)
  // By the store's clock, since ours may be wrong.
  const left = (request.notBefore ?? 0) - info.answeredAt.getTime()
  if (left > 2 * aheadSeconds * 1000) return 'early'
  const input = request.pointer ?? { key: inputKey(id), etag: info.etag, size: info.size }
  const spilled = note && spilledKey(note)
  const record = await readRecord(w, id, options)
  if (record) {
    await announce(w, messageFrom(id, request, input, spilled), record)
    return 'announced'
  }
  // Whoever asked for the job is told of its end by the record: our own mailbox is not theirs.
  const ours = { ...w, mailbox: undefined }
  await send(ours, id, { ...request, notBefore: Date.now() + left }, input, spilled, options)
  return 'sent'
}

function unreadable(id: string): RemoteJobError {
  return new RemoteJobError(
    'UNSUPPORTED',
    `"${inputKey(id)}" does not say what was asked for, so its time cannot be kept: submit the job anew and remove that key`,
  )
}
