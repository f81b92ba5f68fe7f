import { text } from 'node:stream/consumers'
import type { Cancellable } from '../backend.ts'
import { parseJson } from '../protocol/json.ts'
import { liveKey } from '../protocol/keys.ts'
import { formatLive, type LiveRecord, parseLive } from '../protocol/live.ts'
import type { Workspace } from './workspace.ts'

/** Who works on a job, and whether that worker was heard of lately. */
export interface Sign {
  readonly live: LiveRecord
  readonly fresh: boolean
  /** How old it is, in milliseconds; stores count in whole seconds. */
  readonly age: number
}

/** Reads a job's sign of life; its age is told by the store's own clock. */
export async function readLive(w: Workspace, id: string, options?: Cancellable): Promise<Sign | undefined> {
  const reading = await w.objects.get(liveKey(id), options)
  if (!reading) return undefined
  const live = parseLive(parseJson(await text(reading.body)))
  if (!live) return undefined
  const age = reading.answeredAt.getTime() - reading.lastModified.getTime()
  return { live, age, fresh: age < 2000 * live.leaseSeconds }
}

/** Whether a worker was heard of within two leases. */
export async function isFresh(w: Workspace, id: string): Promise<boolean> {
  return (await readLive(w, id))?.fresh === true
}

/** Gives a sign of life. */
export async function writeLive(w: Workspace, id: string, live: LiveRecord): Promise<void> {
  await w.objects.put(liveKey(id), Buffer.from(formatLive(live)), { contentType: 'application/json' })
}

/** The job is in nobody's hands any more. */
export async function removeLive(w: Workspace, id: string): Promise<void> {
  await w.objects.delete(liveKey(id))
}
