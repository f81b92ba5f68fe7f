import type { Readable } from 'node:stream'
import { RemoteJobError } from '../errors.ts'
import type { JobMessage } from '../protocol/message.ts'
import { show } from '../protocol/names.ts'
import type { ReadOptions } from './byte-range.ts'
import { describeEnd, type JobResult } from './job-result.ts'
import { readRecord } from './result.ts'
import type { Workspace } from './workspace.ts'

/**
 * How a finished job, as its announcement names it, ended.
 * @throws RemoteJobError `UNSUPPORTED` for a job that is still to be done, `RESULT_EXPIRED`
 */
export async function finishedResult(w: Workspace, { finished, id }: JobMessage): Promise<JobResult> {
  if (!finished) throw new RemoteJobError('UNSUPPORTED', `Job "${id}" is not finished; it has no result yet`)
  const record = finished.record ?? (await readRecord(w, id))
  if (record) return describeEnd(w, record)
  throw new RemoteJobError('RESULT_EXPIRED', `The result of job "${id}" has been removed`)
}

/**
 * The bytes of a finished job's asset.
 * @throws RemoteJobError `NOT_FOUND`, `RESULT_EXPIRED`
 */
export async function openAsset(
  w: Workspace,
  message: JobMessage,
  name: string,
  options: ReadOptions,
): Promise<Readable> {
  const { finished, id } = message
  if (!finished) {
    throw new RemoteJobError(
      'NOT_FOUND',
      `Job "${id}" is not finished, so it has no asset "${name}"; its input is createReadStream()`,
    )
  }
  const { assets } = await finishedResult(w, message)
  const asset = Object.hasOwn(assets, name) ? assets[name] : undefined
  if (asset) return asset.createReadStream(options)
  throw new RemoteJobError(
    'NOT_FOUND',
    `Job "${id}" has no asset "${name}"; it has ${Object.keys(assets).map(show).join(', ') || 'none'}`,
  )
}
