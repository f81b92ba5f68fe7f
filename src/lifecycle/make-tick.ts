import { randomBytes } from 'node:crypto'
import type { Cancellable } from '../backend.ts'
import { inputKey } from '../protocol/keys.ts'
import { parseNote } from '../protocol/note.ts'
import { formatRequest, type JobRequest, requestHash } from '../protocol/request.ts'
import { tickId } from '../protocol/schedule-keys.ts'
import type { ScheduleRecord } from '../protocol/schedules.ts'
import { spilledKey, writeNote } from './describe.ts'
import type { Workspace } from './workspace.ts'

/**
 * Writes the input of a tick's job unless it is there. Of several who do so at once one is first, and all mean its job then, even if
 * the schedule changed between them: one tick is one job.
 * @returns The job's id, and whether we were first
 */
export async function makeTick(
  w: Workspace,
  record: ScheduleRecord,
  { at, now }: { readonly at: number; readonly now: number },
  options: Cancellable,
): Promise<{ readonly id: string; readonly isOurs: boolean }> {
  const id = tickId({ schedule: record.name, at: new Date(at) })
  const json = formatRequest(requestOf(w, record, at, now))
  const { note, spilled } = await writeNote(w, id, randomBytes(6).toString('hex'), json, options)
  const body = Buffer.from(record.input ?? '', 'base64')
  const { contentType } = record
  const written = await w.objects.putIfAbsent(inputKey(id), body, { note, contentType, signal: options.signal })
  if (!written && spilled !== undefined) await discard(w, id, spilled, options)
  return { id, isOurs: written !== undefined }
}

/** Unless it is named by what stands there: then our first try landed, and only its answer was lost. */
async function discard(w: Workspace, id: string, spilled: string, options: Cancellable): Promise<void> {
  const standing = parseNote((await w.objects.head(inputKey(id), options))?.note)
  if (standing && spilledKey(standing) !== spilled) await w.objects.delete(spilled, options)
}

function requestOf(w: Workspace, record: ScheduleRecord, at: number, now: number): JobRequest {
  const { metadata, filename, contentType, timeoutSeconds, expiresSeconds, group } = record
  const { attempts = w.attempts } = record
  return {
    metadata,
    filename,
    contentType,
    attempts,
    timeoutSeconds,
    group,
    submittedAt: now,
    notBefore: at,
    expiresAt: expiresSeconds === undefined ? undefined : at + expiresSeconds * 1000,
    hash: requestHash({
      queue: w.name,
      metadata,
      status: 'pending',
      key: undefined,
      options: { attempts, timeoutSeconds, expiresSeconds, group },
    }),
  }
}
