import { setTimeout as delay } from 'node:timers/promises'
import type { Cancellable } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import { parseJson } from '../protocol/json.ts'
import { resultKey } from '../protocol/keys.ts'
import { formatRecord, parseRecord, type ResultRecord } from '../protocol/record.ts'
import { readBytes } from './download.ts'
import type { Workspace } from './workspace.ts'

/** A job's fate, if it has one. */
export async function readRecord(w: Workspace, id: string, options?: Cancellable): Promise<ResultRecord | undefined> {
  const bytes = await readBytes(w.objects, resultKey(id), options)
  if (!bytes) return undefined
  const record = parseRecord(parseJson(bytes.toString()))
  if (record) return record
  throw new RemoteJobError(
    'UNSUPPORTED',
    `The result of job "${id}" was written by a newer version of remotejob: update this one`,
  )
}

/**
 * Writes a job's fate unless it has one: the one decision of the protocol.
 * The record that stands is returned, whoever wrote it; `isOurs` tells.
 */
export async function commit(w: Workspace, record: ResultRecord): Promise<ResultRecord> {
  const body = Buffer.from(formatRecord(record))
  for (let tries = 1; ; tries += 1) {
    const written = await w.objects.putIfAbsent(resultKey(record.id), body, { contentType: 'application/json' })
    if (written) return record
    const standing = await readRecord(w, record.id)
    if (standing) return standing
    // Taken a moment ago and gone now: somebody removed it by hand, or a lifecycle rule did.
    if (tries >= 3)
      throw new RemoteJobError('UNAVAILABLE', `The result of job "${record.id}" can be neither written nor read`)
    await delay(100 * tries)
  }
}
