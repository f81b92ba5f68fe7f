import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { StoredObject } from '../../lifecycle/stored-object.ts'
import { expectScope } from '../caller.ts'
import type { GatewayEnv } from '../gateway-env.ts'
import type { House } from '../house.ts'
import { Problem } from '../problem.ts'
import { serveObject } from '../serve-object.ts'
import { refusals } from './describe.ts'
import { AssetParameters, JobParameters } from './job-schemas.ts'
import { noJob } from './job-routes.ts'

const ServeQuery = z.strictObject({
  disposition: z
    .enum(['inline', 'attachment'])
    .optional()
    .openapi({ description: 'Whether a browser shows it where it can. By default it keeps it as a file.' }),
})

const bytes = { content: { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } } } as const

const answers = {
  200: { description: 'The bytes', ...bytes },
  206: { description: 'Those of them that `Range` asks for', ...bytes },
  304: { description: 'They are as they were: `If-None-Match`' },
  ...refusals,
}

const RangeHeader = z.object({ range: z.string().optional().openapi({ example: 'bytes=0-1023' }) })

const assetRoute = createRoute({
  method: 'get',
  path: '/v1/queues/{queue}/jobs/{id}/assets/{name}',
  operationId: 'getAsset',
  summary: 'A file that a job handed back',
  request: { params: AssetParameters, query: ServeQuery, headers: RangeHeader },
  responses: answers,
})

const inputRoute = createRoute({
  method: 'get',
  path: '/v1/queues/{queue}/jobs/{id}/input',
  operationId: 'getInput',
  summary: 'What a job works on',
  request: { params: JobParameters, query: ServeQuery, headers: RangeHeader },
  responses: answers,
})

/** The bytes of inputs and assets. */
export function fileRoutes(app: OpenAPIHono<GatewayEnv>, house: House): void {
  app.openapi(assetRoute, async (c) => {
    const { queue, id, name } = c.req.valid('param')
    expectScope(c, 'read', queue)
    const asset = await assetOf(house, queue, id, name, c.req.raw.signal)
    return serveObject(c, asset, c.req.valid('query'))
  })

  app.openapi(inputRoute, async (c) => {
    const { queue: name, id } = c.req.valid('param')
    expectScope(c, 'read', name)
    const { queue } = await house.queues.get(name)
    const job = await queue.inspect(id, { signal: c.req.raw.signal })
    if (!job) throw noJob(name, id)
    if (!job.input) throw new Problem(404, `Job "${id}" has no input: it is of metadata alone`, { code: 'NOT_FOUND' })
    return serveObject(c, job.input, c.req.valid('query'))
  })
}

async function assetOf(
  house: House,
  name: string,
  id: string,
  asset: string,
  signal: AbortSignal,
): Promise<StoredObject> {
  const { queue } = await house.queues.get(name)
  const job = await queue.inspect(id, { signal })
  if (!job) throw noJob(name, id)
  if (!job.result) throw new Problem(404, `Job "${id}" is ${job.status} and has no assets`, { code: 'NOT_FOUND' })
  const { assets } = job.result
  const found = Object.hasOwn(assets, asset) ? assets[asset] : undefined
  if (found) return found
  throw new Problem(404, `Job "${id}" has no asset ${JSON.stringify(asset)}`, { code: 'NOT_FOUND' })
}
