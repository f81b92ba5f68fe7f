import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { LogChunk } from '../../lifecycle/read-logs.ts'
import { expectScope } from '../caller.ts'
import type { GatewayContext, GatewayEnv } from '../gateway-env.ts'
import type { House } from '../house.ts'
import { begun, type Chunks, streamOf } from '../stream-of.ts'
import { Flag, refusals } from './describe.ts'
import { noJob } from './job-routes.ts'
import { JobParameters } from './job-schemas.ts'

/** No literal: what has that media type need not be made with `c.text`, which holds all of it. */
export const plain: string = 'text/plain'

const route = createRoute({
  method: 'get',
  path: '/v1/queues/{queue}/jobs/{id}/logs',
  operationId: 'getLogs',
  summary: 'What a job wrote to its logs, as text',
  request: {
    params: JobParameters,
    query: z.strictObject({
      stream: z
        .string()
        .regex(/^[A-Za-z0-9_-]{1,32}$/, 'expected 1 to 32 letters, digits, "_" and "-"')
        .optional(),
      attempt: z.coerce.number().int().min(1).max(1_000_000).optional(),
      follow: Flag.optional().openapi({ description: 'Goes on with what is written later, until the job has ended' }),
    }),
  },
  responses: {
    200: { description: 'The text', content: { [plain]: { schema: z.string() } } },
    ...refusals,
  },
})

/** `GET …/logs`. */
export function logRoutes(app: OpenAPIHono<GatewayEnv>, house: House): void {
  app.openapi(route, async (c) => {
    const { queue: name, id } = c.req.valid('param')
    expectScope(c, 'read', name)
    const { queue } = await house.queues.get(name)
    const options = c.req.valid('query')
    if (options.follow && !(await queue.status(id, { signal: c.req.raw.signal }))) throw noJob(name, id)
    return textAnswer(c, house, options.follow, (signal) => queue.logs(id, { ...options, signal }))
  })
}

/**
 * The answer that is what was written, as it is read.
 * @param follow Whether more is waited for, so that the first of it may be long in coming
 */
export async function textAnswer(
  c: GatewayContext,
  house: House,
  follow: boolean | undefined,
  read: (signal: AbortSignal) => AsyncIterable<LogChunk>,
): Promise<Response> {
  const gone = new AbortController()
  const signal = AbortSignal.any([c.req.raw.signal, house.closing, gone.signal])
  const chunks = bytesOf(read(signal), signal)
  if (c.req.method === 'HEAD') return new Response(null, { headers })
  return new Response(
    streamOf(follow ? chunks : await begun(chunks), () => gone.abort()),
    { headers },
  )
}

const headers = {
  'Content-Type': 'text/plain; charset=utf-8',
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
}

/** A gateway that closes ends a text that is followed; a caller who has gone needs no error. */
async function* bytesOf(chunks: AsyncIterable<LogChunk>, signal: AbortSignal): Chunks {
  try {
    for await (const { bytes } of chunks) yield bytes
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
