import type { Cancellable, ObjectInfo } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import { forEachOf } from '../for-each-of.ts'
import { inputKey } from '../protocol/keys.ts'
import { messageFrom } from '../protocol/message.ts'
import { parseNote } from '../protocol/note.ts'
import { parseRequest } from '../protocol/request.ts'
import { minuteOf, parseTimerKey, type Timer, timersPrefix } from '../protocol/timers.ts'
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

/** Timers in hand at the same time. */
const concurrency = 10

/**
 * Sends the jobs whose time has come, or comes within {@link aheadSeconds}. Any number may do so at once: what is sent twice has one
 * outcome. What goes wrong with one is reported and keeps no other from its time.
 * @returns The ids of the jobs that were sent
 */
export async function fireTimers(w: Workspace, { signal }: Cancellable): Promise<readonly string[]> {
  const sent: string[] = []
  for await (const timers of dueTimers(w, { signal })) {
    await forEachOf(timers, concurrency, async (timer) => {
      try {
        if (!signal?.aborted && (await fire(w, timer, { signal }))) sent.push(timer.id)
      } catch (error) {
        if (!signal?.aborted) w.report(error)
      }
    })
  }
  return sent
}

/** From the oldest on, a page at a time; names are in the order of their times. */
async function* dueTimers(w: Workspace, { signal }: Cancellable): AsyncGenerator<readonly Timer[]> {
  for (let after: string | undefined, more = true; more;) {
    const page = await w.objects.list(timersPrefix, { after, signal })
    const timers = page.objects.map(({ key }) => parseTimerKey(key)).filter((timer) => timer !== undefined)
    const last = minuteOf(Date.now() + aheadSeconds * 1000)
    yield timers.filter(({ minute }) => minute <= last)
    after = page.objects.at(-1)?.key
    more = page.more && after !== undefined && timers.every(({ minute }) => minute <= last)
  }
}

/** Sends first and removes the timer last: a crash between the two sends the job again, and loses none. */
async function fire(w: Workspace, { key, id }: Timer, options: Cancellable): Promise<boolean> {
  const info = await w.objects.head(inputKey(id), options)
  const done = info ? await sendOrAnnounce(w, id, info, options) : 'removed'
  if (done === 'early') return false
  await w.objects.delete(key, options)
  return done === 'sent'
}

/** A job that has ended meanwhile was cancelled, mostly: nobody holds a message of it, so its end is told from here. */
async function sendOrAnnounce(
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
    `"${inputKey(id)}" does not say what was asked for, so its timer cannot be kept: submit the job anew and remove that key`,
  )
}
