import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { expectScope } from '../caller.ts'
import type { GatewayEnv } from '../gateway-env.ts'
import type { House } from '../house.ts'
import { Flag, refusals } from './describe.ts'
import { plain, textAnswer } from './log-routes.ts'
import { RunParameters } from './run-schemas.ts'
import { noRun } from './run-routes.ts'
import { runsOf } from './runs-of.ts'

const count = z.coerce.number().int().min(0).max(1_000_000_000).optional()

const route = createRoute({
  method: 'get',
  path: '/v1/runs/{run}/logs',
  operationId: 'getRunLogs',
  summary: 'What the instances of a run printed, one instance after the other, as text',
  request: {
    params: RunParameters,
    query: z.strictObject({ index: count, retry: count, tail: count, follow: Flag.optional() }),
  },
  responses: { 200: { description: 'The text', content: { [plain]: { schema: z.string() } } }, ...refusals },
})

/** `GET /v1/runs/{run}/logs`. */
export function runLogRoutes(app: OpenAPIHono<GatewayEnv>, house: House): void {
  app.openapi(route, async (c) => {
    const { run } = c.req.valid('param')
    const options = c.req.valid('query')
    const { runs } = await runsOf(house, (name) => expectScope(c, 'read', name))
    if (!(await runs.get(run, { signal: c.req.raw.signal }))) throw noRun(run)
    return textAnswer(c, house, options.follow, (signal) => runs.logs(run, { ...options, signal }))
  })
}
