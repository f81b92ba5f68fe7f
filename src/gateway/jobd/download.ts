import type { JobDetails } from '../../lifecycle/inspect.ts'
import { expectScope } from '../caller.ts'
import type { GatewayContext } from '../gateway-env.ts'
import { Problem } from '../problem.ts'
import { serveObject } from '../serve-object.ts'
import { jobObject, outputName } from './job-object.ts'
import type { Jobd } from './jobd.ts'

/** `GET /download/:id`, of jobd's successor: the zip of a job that completed, and of any other how it is. */
export async function download(c: GatewayContext, jobd: Jobd): Promise<Response> {
  expectScope(c, 'read', jobd.settings.queue)
  const id = c.req.param('id') ?? ''
  const found = await jobd.find(id, c.req.raw.signal)
  if (!found) throw new Problem(404, `Job ${id} not found in the database`)
  const { job } = found
  const output = job.status === 'completed' ? job.result?.assets[outputName] : undefined
  if (output) return serveObject(c, output)
  const { Message } = jobObject(job, undefined, found.isSlurml)
  return Response.json({ id: numberOf(id), status: words[job.status], message: Message })
}

const words: Readonly<Record<JobDetails['status'], string>> = {
  pending: 'Queued',
  active: 'Processing',
  completed: 'Completed',
  failed: 'Failed',
  cancelled: 'Killed',
  expired: 'Failed',
}

/** The ids that `/upload` gives are numbers; jobs that came in another way have others. */
export function numberOf(id: string): number | string {
  return /^[1-9]\d{0,9}$/.test(id) ? Number(id) : id
}
