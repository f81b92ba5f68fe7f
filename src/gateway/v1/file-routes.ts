import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { expectScope } from '../caller.ts'
import type { GatewayContext, GatewayEnv } from '../gateway-env.ts'
import type { House } from '../house.ts'
import type { Links } from '../links.ts'
import { serveObject } from '../serve-object.ts'
import { Flag } from './describe.ts'
import { fileAnswers, RangeHeader } from './file-answers.ts'
import { fileOf } from './file-of.ts'
import { AssetParameters, JobParameters } from './job-schemas.ts'
import { type FileOfJob, redirectTo } from './link-routes.ts'

const ServeQuery = z.strictObject({
  disposition: z
    .enum(['inline', 'attachment'])
    .optional()
    .openapi({ description: 'Whether a browser shows it where it can. By default it keeps it as a file.' }),
  redirect: Flag.optional().openapi({
    description:
      'Answers 303 to a URL for whoever has it: at the store itself, or where that has none a link of the gateway',
  }),
  expiresSeconds: z.coerce.number().int().min(1).max(604_800).default(300).openapi({ description: 'Of that URL' }),
})

const answers = { ...fileAnswers, 303: { description: 'It is at `Location`: `redirect`' } } as const

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
export function fileRoutes(app: OpenAPIHono<GatewayEnv>, house: House, links: Links): void {
  const answer = async (c: GatewayContext, file: FileOfJob, query: z.infer<typeof ServeQuery>): Promise<Response> => {
    expectScope(c, 'read', file.queue)
    const { redirect, ...options } = query
    const object = await fileOf(house, file, c.req.raw.signal)
    return redirect ? redirectTo(c, links, { file, object, at: house.at }, options) : serveObject(c, object, options)
  }
  app.openapi(assetRoute, (c) => answer(c, c.req.valid('param'), c.req.valid('query')))
  app.openapi(inputRoute, (c) => answer(c, c.req.valid('param'), c.req.valid('query')))
}
