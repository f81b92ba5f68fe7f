import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { hasCode } from '../../errors.ts'
import { expectScope } from '../caller.ts'
import type { GatewayEnv } from '../gateway-env.ts'
import type { House } from '../house.ts'
import { GivenInstant, jsonAnswer, jsonBody, JsonMembers, refusals } from './describe.ts'
import { idFromKey, keyReused } from './idempotency.ts'
import { checkMetadata, JobCreated, JobId, QueueParameters } from './job-schemas.ts'
import { jobPath } from './job-view.ts'

const seconds = (least: number) => z.int().min(least).max(31_536_000).optional()

const Trigger = z
  .strictObject({
    // Of uploads alone, whose keys nobody can guess: any other object may be none of the caller's business.
    key: z.string().regex(/^stored\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'expected the `key` of an upload'),
    metadata: JsonMembers.optional(),
    id: JobId.optional(),
    attempts: z.int().min(1).max(1000).optional(),
    timeoutSeconds: seconds(1),
    delaySeconds: seconds(0),
    runAt: GivenInstant.optional(),
    expiresSeconds: seconds(1),
    group: z
      .string()
      .regex(/^[\x21-\x7e]{1,128}$/, 'expected 1 to 128 printable ASCII characters')
      .optional(),
  })
  .openapi('Trigger')

const route = createRoute({
  method: 'post',
  path: '/v1/queues/{queue}/trigger',
  operationId: 'triggerUpload',
  summary: 'Sends a job on the bytes of an upload',
  request: {
    params: QueueParameters,
    headers: z.object({ 'idempotency-key': z.string().optional() }),
    body: jsonBody(Trigger),
  },
  responses: { 201: jsonAnswer('The job is on its way', JobCreated), ...refusals },
})

/** `POST …/trigger`. */
export function triggerRoutes(app: OpenAPIHono<GatewayEnv>, house: House): void {
  app.openapi(route, async (c) => {
    const { queue: name } = c.req.valid('param')
    expectScope(c, 'submit', name)
    const { key, metadata = {}, id, ...options } = c.req.valid('json')
    checkMetadata(metadata)
    const fromKey = idFromKey(c, 'trigger', name)
    const { queue } = await house.queues.get(name)
    const asked = { ...options, id: id ?? fromKey, signal: c.req.raw.signal }
    const handle = await queue.submit({ ...metadata, key }, asked).catch((error: unknown) => {
      throw fromKey !== undefined && hasCode(error, 'ID_IN_USE') ? keyReused(error) : error
    })
    const href = house.at(jobPath(name, handle.id))
    return c.json({ id: handle.id, queue: name, href }, 201, { Location: href })
  })
}
