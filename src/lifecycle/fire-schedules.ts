import type { Cancellable } from '../backend.ts'
import { hasCode } from '../errors.ts'
import { forEachOf } from '../for-each-of.ts'
import { inputKey } from '../protocol/keys.ts'
import { cursorKey, scheduleFolder, schedulesPrefix } from '../protocol/schedule-keys.ts'
import type { ScheduleRecord } from '../protocol/schedules.ts'
import { cancel } from './cancel.ts'
import { isTick, type KnownSchedules } from './known-schedules.ts'
import { makeTick } from './make-tick.ts'
import { sendDue } from './send-due.ts'
import { cursorOf, type Standing, standingSchedules } from './standing-schedules.ts'
import { dueTicks } from './ticks.ts'
import type { Workspace } from './workspace.ts'

/** Schedules in hand at the same time, and ticks of one. */
const concurrency = 10

/** What a look at schedules needs of the one who looks. */
export interface Look extends Cancellable {
  readonly known: KnownSchedules
}

/**
 * Sends the jobs of ticks that have come, or come soon. Any number may do so at once: a tick's job has its id from the schedule and
 * the instant. What goes wrong with one schedule is reported and keeps no other from its time.
 * @returns The ids of the jobs that were sent
 */
export async function fireSchedules(w: Workspace, look: Look): Promise<readonly string[]> {
  const { schedules, now } = await standingSchedules(w, schedulesPrefix, look)
  look.known.keep(new Set(schedules.map(({ name }) => name)))
  const sent = await forEachOf(schedules, concurrency, async (standing) => {
    try {
      return look.signal?.aborted || standing.isPaused ? [] : await fire(w, standing, now, look)
    } catch (error) {
      if (!look.signal?.aborted) w.report(error)
      return []
    }
  })
  return sent.flat()
}

/** Jobs first, then the cursor: a crash between the two makes the same jobs again, which are there. */
async function fire(w: Workspace, standing: Standing, now: number, look: Look): Promise<readonly string[]> {
  const schedule = standing.written && (await look.known.read(w, standing, look))
  if (!schedule) return removeCursors(w, standing)
  const { record, ticks } = schedule
  const due = dueTicks(ticks, { after: cursorOf(standing, record), now, missed: record.missed })
  if (due.length === 0) return []
  const made = await forEachOf(due, concurrency, async (at) => ({
    at,
    ...(await makeTick(w, record, { at, now }, look)),
  }))
  const wanted = await wantedNow(w, record, look)
  const unwanted = made.filter(({ at, isOurs }) => isOurs && !wanted(at))
  await callOff(w, unwanted, look)
  const kept = made.filter(({ at }) => wanted(at))
  const sent = await forEachOf(kept, concurrency, async (tick) => ({ ...tick, isSent: await send(w, tick.id, look) }))
  const early = sent.findIndex(({ isSent }) => !isSent)
  const done = early === -1 ? sent : sent.slice(0, early)
  await move(w, standing, record, done.at(-1)?.at)
  return done.map(({ id }) => id)
}

/**
 * Looked up when the jobs are there and before they are sent: whoever pauses or deletes a schedule looks for its jobs afterwards, so
 * one of the two sees the other, and nothing of it begins later. What others sent meanwhile is done with.
 */
async function wantedNow(w: Workspace, { name, uid }: ScheduleRecord, look: Look): Promise<(at: number) => boolean> {
  const { schedules } = await standingSchedules(w, scheduleFolder(name), look)
  const standing = schedules[0]
  const schedule = standing?.written && !standing.isPaused ? await look.known.read(w, standing, look) : undefined
  if (!standing || !schedule) return () => false
  const after = cursorOf(standing, schedule.record)
  return (at) => at > after && (schedule.record.uid === uid || isTick(schedule, at))
}

/** Ends jobs of ticks that are not to be. Those that are not there are none. */
export async function callOff(
  w: Workspace,
  ticks: readonly { readonly id: string }[],
  options: Cancellable,
): Promise<void> {
  await forEachOf(ticks, concurrency, async ({ id }) => {
    try {
      await cancel(w, id, options)
    } catch (error) {
      if (!hasCode(error, 'JOB_NOT_FOUND')) throw error
    }
  })
}

async function send(w: Workspace, id: string, options: Cancellable): Promise<boolean> {
  const info = await w.objects.head(inputKey(id), options)
  // One that somebody removed is done with.
  return !info || (await sendDue(w, id, info, options)) !== 'early'
}

/** What was put while somebody deleted the schedule. */
async function removeCursors(w: Workspace, { name, cursors }: Standing): Promise<[]> {
  for (const cursor of cursors) await w.objects.delete(cursorKey(name, cursor))
  return []
}

/** The new cursor is there before the old ones go: the highest counts. */
async function move(
  w: Workspace,
  standing: Standing,
  record: ScheduleRecord,
  after: number | undefined,
): Promise<void> {
  if (after === undefined) return
  const { name, uid } = record
  await w.objects.put(cursorKey(name, { uid, after }), Buffer.alloc(0))
  for (const old of standing.cursors) {
    if (old.uid !== uid || old.after < after) await w.objects.delete(cursorKey(name, old))
  }
}
