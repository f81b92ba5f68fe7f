import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { hasCode } from '../../errors.ts'
import type { JobSummary as Summary } from '../../lifecycle/list.ts'
import type { Queue } from '../../queue.ts'
import { expectScope } from '../caller.ts'
import { jsonUnlessKnown } from '../conditional.ts'
import type { GatewayEnv } from '../gateway-env.ts'
import type { House } from '../house.ts'
import { Problem } from '../problem.ts'
import { cursorAt, readCursor } from './cursor.ts'
import { GivenInstant, jsonAnswer, refusals, unchanged } from './describe.ts'
import { idFromKey, keyReused } from './idempotency.ts'
import {
  Job,
  JobCreated,
  JobPage,
  JobParameters,
  JobStatus,
  QueueParameters,
  Result,
  WaitQuery,
} from './job-schemas.ts'
import { jobPath, jobView, resultView } from './job-view.ts'
import { untilEnd } from './until-end.ts'

const listRoute = createRoute({
  method: 'get',
  path: '/v1/queues/{queue}/jobs',
  operationId: 'listJobs',
  summary: 'The jobs of a queue, the newest first',
  description: 'A page of jobs that are in a certain status may have few or none and a `next` all the same.',
  request: {
    params: QueueParameters,
    query: z.strictObject({
      status: JobStatus.optional(),
      since: GivenInstant.optional(),
      until: GivenInstant.optional(),
      limit: z.coerce.number().int().min(1).max(200).default(50),
      cursor: z.string().max(400).optional().openapi({ description: 'The `next` of the page before' }),
    }),
  },
  responses: { 200: jsonAnswer('A page', JobPage), ...refusals },
})

const getRoute = createRoute({
  method: 'get',
  path: '/v1/queues/{queue}/jobs/{id}',
  operationId: 'getJob',
  summary: 'All that is known of a job, at once or when it has ended',
  request: { params: JobParameters, query: WaitQuery },
  responses: {
    200: jsonAnswer('The job', Job),
    304: unchanged,
    ...refusals,
  },
})

const resultRoute = createRoute({
  method: 'get',
  path: '/v1/queues/{queue}/jobs/{id}/result',
  operationId: 'getResult',
  summary: 'How a job ended, whichever way',
  request: { params: JobParameters, query: WaitQuery },
  responses: {
    200: jsonAnswer('It has ended', Result),
    202: jsonAnswer('It has not ended yet', z.object({ id: z.string(), status: JobStatus }).openapi('JobUnended')),
    304: unchanged,
    ...refusals,
  },
})

const cancelRoute = createRoute({
  method: 'post',
  path: '/v1/queues/{queue}/jobs/{id}/cancel',
  operationId: 'cancelJob',
  summary: 'Ends a job unless it has ended: `true` is a promise that it will never complete',
  request: { params: JobParameters },
  responses: {
    200: jsonAnswer('Whether it is cancelled', z.object({ cancelled: z.boolean() }).openapi('Cancelled')),
    ...refusals,
  },
})

const retryRoute = createRoute({
  method: 'post',
  path: '/v1/queues/{queue}/jobs/{id}/retry',
  operationId: 'retryJob',
  summary: "Sends a past job's request once more, as a new job on the very bytes that it had",
  request: {
    params: JobParameters,
    headers: z.object({ 'idempotency-key': z.string().optional() }),
    query: z.strictObject({
      delaySeconds: z.coerce.number().int().min(0).max(31_536_000).optional(),
      runAt: GivenInstant.optional(),
    }),
  },
  responses: { 201: jsonAnswer('The new job', JobCreated), ...refusals },
})

/** Jobs that are looked at for one page: of those in a rare status there may be few among many. */
const maxLooks = 1000

/** Jobs: listed, looked at, waited for, cancelled and tried again. */
export function jobRoutes(app: OpenAPIHono<GatewayEnv>, house: House): void {
  app.openapi(listRoute, async (c) => {
    const { queue: name } = c.req.valid('param')
    expectScope(c, 'read', name)
    const { status, limit, cursor, since, until } = c.req.valid('query')
    const after = readCursor(cursor)
    const { queue } = await house.queues.get(name)
    const { jobs, next } = await pageOf(queue, { status, limit }, { since, until, after, signal: c.req.raw.signal })
    return c.json({ jobs: jobs.map(summaryView), next: next && cursorAt(next) }, 200)
  })

  app.openapi(getRoute, async (c) => {
    const { queue: name, id } = c.req.valid('param')
    expectScope(c, 'read', name)
    const { queue } = await house.queues.get(name)
    await untilEnd(c, house, queue, id, c.req.valid('query').wait)
    const job = await queue.inspect(id, { signal: c.req.raw.signal })
    if (!job) throw noJob(name, id)
    return jsonUnlessKnown(c, jobView(name, job, house.at))
  })

  app.openapi(resultRoute, async (c) => {
    const { queue: name, id } = c.req.valid('param')
    expectScope(c, 'read', name)
    const { queue } = await house.queues.get(name)
    const result = await untilEnd(c, house, queue, id, c.req.valid('query').wait ?? 0)
    if (!result) {
      const status = await queue.status(id, { signal: c.req.raw.signal })
      if (!status) throw noJob(name, id)
      return c.json({ id, status }, 202, { 'Retry-After': '1' })
    }
    return jsonUnlessKnown(c, resultView(name, result, house.at))
  })

  app.openapi(cancelRoute, async (c) => {
    const { queue: name, id } = c.req.valid('param')
    expectScope(c, 'submit', name)
    const { queue } = await house.queues.get(name)
    return c.json({ cancelled: await queue.cancel(id, { signal: c.req.raw.signal }) }, 200)
  })

  app.openapi(retryRoute, async (c) => {
    const { queue: name, id } = c.req.valid('param')
    expectScope(c, 'submit', name)
    const { queue } = await house.queues.get(name)
    const options = { ...c.req.valid('query'), id: idFromKey(c, 'retry', name), signal: c.req.raw.signal }
    const handle = await queue.retry(id, options).catch((error: unknown) => {
      throw options.id !== undefined && hasCode(error, 'ID_IN_USE') ? keyReused(error) : error
    })
    const href = house.at(jobPath(name, handle.id))
    return c.json({ id: handle.id, queue: name, href }, 201, { Location: href })
  })
}

/** No such job. */
export function noJob(queue: string, id: string): Problem {
  return new Problem(404, `There is no job "${id}" in queue "${queue}"`, { code: 'JOB_NOT_FOUND' })
}

async function pageOf(
  queue: Queue,
  { status, limit }: { readonly status: Summary['status'] | undefined; readonly limit: number },
  options: Omit<NonNullable<Parameters<Queue['list']>[0]>, 'status' | 'limit'>,
): Promise<{ readonly jobs: readonly Summary[]; readonly next: string | undefined }> {
  const jobs: Summary[] = []
  let looks = 0
  let last: string | undefined
  for await (const job of queue.list({ ...options, limit: status ? maxLooks + 1 : limit + 1 })) {
    // One more than is wanted shows whether there are more.
    if (jobs.length === limit || looks === maxLooks) return { jobs, next: last }
    looks += 1
    last = job.id
    if (!status || job.status === status) jobs.push(job)
  }
  return { jobs, next: undefined }
}

function summaryView({ id, status, submittedAt, finishedAt }: Summary) {
  return { id, status, submittedAt: submittedAt.toISOString(), finishedAt: finishedAt?.toISOString() }
}
