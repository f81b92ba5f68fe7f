import type { Cancellable } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import { forEachOf } from '../for-each-of.ts'
import { isTick, type KnownSchedule, readSchedule } from '../lifecycle/known-schedules.ts'
import { type Standing, standingSchedules } from '../lifecycle/standing-schedules.ts'
import { firstTick, ticksOf } from '../lifecycle/ticks.ts'
import type { Workspace } from '../lifecycle/workspace.ts'
import { cursorKey, pausedKey, scheduleFolder, scheduleKey, schedulesPrefix } from '../protocol/schedule-keys.ts'
import type { ScheduleRecord } from '../protocol/schedules.ts'
import { source } from '../worker.ts'
import { endPending } from './end-pending.ts'
import {
  changedFrom,
  checkScheduleName,
  chosenFrom,
  newScheduleUid,
  type ScheduleChanges,
  type ScheduleRequest,
} from './schedule-options.ts'
import { type Schedule, scheduleFrom } from './schedule.ts'

/** The queue that a schedule's jobs go to; a `Queue` is one. */
export interface ScheduledQueue {
  readonly [source]: { open(): Promise<Workspace> }
}

/** Which schedules. */
export interface ListSchedulesOptions extends Cancellable {
  /** How their names begin. @default '' */
  readonly prefix?: string | undefined
}

/** A schedule that was looked up, at a time of the store's clock. */
interface Found extends KnownSchedule {
  readonly standing: Standing
  readonly now: number
}

/**
 * Jobs that are made again and again, at the times of cron expressions. They are kept in the queue's bucket, and whoever runs as a
 * scheduler makes their jobs: each tick's once in effect, however many do.
 */
export class Schedules {
  readonly #queue: ScheduledQueue

  constructor(queue: ScheduledQueue) {
    this.#queue = queue
  }

  /**
   * Begins a schedule; its first tick is the first one after now.
   * @throws RemoteJobError `INVALID_ARGUMENT`, `ID_IN_USE` for a name that is taken, `UNSUPPORTED`
   */
  async create(request: ScheduleRequest, options: Cancellable = {}): Promise<Schedule> {
    const chosen = chosenFrom(request)
    const ticks = await ticksOf(chosen)
    const w = await this.#open()
    await w.validate(chosen.metadata)
    const { standing, now } = await look(w, chosen.name, options)
    firstTick(ticks, chosen.cron, now)
    // Whoever paused it while somebody deleted it meant the former one.
    if (!standing.written && standing.isPaused) await w.objects.delete(pausedKey(chosen.name), options)
    const times = { from: now, createdAt: now, updatedAt: now }
    const record: ScheduleRecord = { v: 1, ...chosen, uid: newScheduleUid(), ...times }
    const written = await w.objects.putIfAbsent(scheduleKey(chosen.name), bytesOf(record), { ...json, ...options })
    // A lost answer makes the store's own second try find the first.
    if (!written && (await readSchedule(w, chosen.name, options))?.record.uid !== record.uid)
      throw new RemoteJobError(
        'ID_IN_USE',
        `There is a schedule "${chosen.name}" already: update it, or delete it first`,
      )
    return scheduleFrom({ record, ticks }, { ...standing, isPaused: false }, now)
  }

  /**
   * Changes a schedule: what is given replaces what it had. Times that change begin anew with the first tick after now, and jobs of
   * ticks that are none any more are cancelled.
   * @throws RemoteJobError `INVALID_ARGUMENT`, `NOT_FOUND`
   */
  async update(name: string, changes: ScheduleChanges, options: Cancellable = {}): Promise<Schedule> {
    checkScheduleName(name)
    const w = await this.#open()
    const found = await find(w, name, options)
    const chosen = changedFrom(found.record, changes)
    const ticks = await ticksOf(chosen)
    await w.validate(chosen.metadata)
    firstTick(ticks, chosen.cron, found.now)
    const { cron, timeZone, createdAt } = found.record
    const isSame = chosen.cron === cron && chosen.timeZone === timeZone
    const { uid, from } = isSame ? found.record : { uid: newScheduleUid(), from: found.now }
    const record: ScheduleRecord = { v: 1, ...chosen, uid, from, createdAt, updatedAt: found.now }
    await w.objects.put(scheduleKey(name), bytesOf(record), { ...json, ...options })
    await endPending(w, found, options, (at) => isTick({ record, ticks }, at))
    return scheduleFrom({ record, ticks }, found.standing, found.now)
  }

  /** A schedule as it stands, or `undefined` when there is none of that name. */
  async get(name: string, options: Cancellable = {}): Promise<Schedule | undefined> {
    checkScheduleName(name)
    const found = await lookUp(await this.#open(), name, options)
    return found && scheduleFrom(found, found.standing, found.now)
  }

  /** All schedules of the queue, or those whose names begin with `prefix`, in the order of their names. */
  async *list({ prefix = '', ...options }: ListSchedulesOptions = {}): AsyncGenerator<Schedule, void, undefined> {
    const w = await this.#open()
    const { schedules, now } = await standingSchedules(w, schedulesPrefix + prefix, options)
    for (let from = 0; from < schedules.length; from += together) {
      const some = schedules.slice(from, from + together)
      const found = await forEachOf(some, together, async (standing) => {
        const known = standing.written && (await read(w, standing.name, options))
        return known && scheduleFrom(known, standing, now)
      })
      for (const schedule of found) if (schedule) yield schedule
    }
  }

  /**
   * Lets a schedule rest: no tick that comes after this call begins a job, not even one that was sent ahead of its time.
   * @throws RemoteJobError `NOT_FOUND`
   */
  async pause(name: string, options: Cancellable = {}): Promise<void> {
    checkScheduleName(name)
    const w = await this.#open()
    await find(w, name, options)
    await w.objects.put(pausedKey(name), Buffer.alloc(0), options)
    // Looked up again: what schedulers began before they saw it is there now.
    await endPending(w, await find(w, name, options), options)
  }

  /**
   * Lets a schedule go on with the first tick after now; those while it rested are not made up for.
   * @throws RemoteJobError `NOT_FOUND`
   */
  async resume(name: string, options: Cancellable = {}): Promise<void> {
    checkScheduleName(name)
    const w = await this.#open()
    const { record, standing, now } = await find(w, name, options)
    if (!standing.isPaused) return
    await w.objects.put(cursorKey(name, { uid: record.uid, after: now }), Buffer.alloc(0), options)
    await w.objects.delete(pausedKey(name), options)
  }

  /** Ends a schedule: no tick after this call begins a job. False when there was none of that name. */
  async delete(name: string, options: Cancellable = {}): Promise<boolean> {
    checkScheduleName(name)
    const w = await this.#open()
    const found = await lookUp(w, name, options)
    await w.objects.delete(scheduleKey(name), options)
    const { standing, now } = await look(w, name, options)
    await endPending(w, { standing, now }, options)
    for (const cursor of standing.cursors) await w.objects.delete(cursorKey(name, cursor), options)
    if (standing.isPaused) await w.objects.delete(pausedKey(name), options)
    return found !== undefined
  }

  async #open(): Promise<Workspace> {
    const w = await this.#queue[source].open()
    // Before something is kept for a queue that there is not.
    w.queue('pending')
    if (w.records !== 'none') return w
    throw new RemoteJobError(
      'UNSUPPORTED',
      "Schedules need a queue with records: 'all' or 'results'; with 'none' nothing is written to know a tick's job by",
    )
  }
}

/** Schedules that are read at the same time. */
const together = 20

const json = { contentType: 'application/json' } as const

const bytesOf = (record: ScheduleRecord): Buffer => Buffer.from(JSON.stringify(record))

async function look(w: Workspace, name: string, options: Cancellable): Promise<Pick<Found, 'standing' | 'now'>> {
  const { schedules, now } = await standingSchedules(w, scheduleFolder(name), options)
  return { standing: schedules[0] ?? { name, written: undefined, isPaused: false, cursors: [] }, now }
}

async function read(w: Workspace, name: string, options: Cancellable): Promise<KnownSchedule | undefined> {
  const reading = await readSchedule(w, name, options)
  return reading && { record: reading.record, ticks: await ticksOf(reading.record) }
}

async function lookUp(w: Workspace, name: string, options: Cancellable): Promise<Found | undefined> {
  const { standing, now } = await look(w, name, options)
  const known = standing.written && (await read(w, name, options))
  return known && { ...known, standing, now }
}

async function find(w: Workspace, name: string, options: Cancellable): Promise<Found> {
  const found = await lookUp(w, name, options)
  if (found) return found
  throw new RemoteJobError('NOT_FOUND', `There is no schedule "${name}" in queue "${w.name}"`)
}
