import type { StoredObject } from '../../lifecycle/stored-object.ts'
import type { House } from '../house.ts'
import { Problem } from '../problem.ts'
import { noJob } from './job-routes.ts'
import type { FileOfJob } from './link-routes.ts'

/**
 * The input of a job, or one of its assets.
 * @throws Problem 404
 */
export async function fileOf(
  house: House,
  { queue: name, id, name: asset }: FileOfJob,
  signal: AbortSignal,
): Promise<StoredObject> {
  const { queue } = await house.queues.get(name)
  const job = await queue.inspect(id, { signal })
  if (!job) throw noJob(name, id)
  if (asset === undefined) return job.input ?? missing(`Job "${id}" has no input: it is of metadata alone`)
  if (!job.result) return missing(`Job "${id}" is ${job.status} and has no assets`)
  const { assets } = job.result
  const found = Object.hasOwn(assets, asset) ? assets[asset] : undefined
  return found ?? missing(`Job "${id}" has no asset ${JSON.stringify(asset)}`)
}

function missing(detail: string): never {
  throw new Problem(404, detail, { code: 'NOT_FOUND' })
}
