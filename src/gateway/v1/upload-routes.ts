import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { hasCode } from '../../errors.ts'
import { readData, storeAt } from '../../lifecycle/store.ts'
import type { JsonObject } from '../../protocol/json.ts'
import { storedKey } from '../../protocol/keys.ts'
import { number, text } from '../../protocol/request.ts'
import type { Queue } from '../../queue.ts'
import { source } from '../../worker.ts'
import { expectScope } from '../caller.ts'
import type { GatewayEnv } from '../gateway-env.ts'
import type { House } from '../house.ts'
import type { Links } from '../links.ts'
import { takeLargeBody } from '../limits/limit-body.ts'
import { Problem } from '../problem.ts'
import { Instant, jsonAnswer, jsonBody, refusals, TokenParameters } from './describe.ts'
import { QueueParameters } from './job-schemas.ts'
import { sized } from './sized.ts'

const Wanted = z
  .strictObject({
    filename: z.string().max(1024).optional(),
    contentType: z
      .string()
      .regex(/^[\x20-\x7e]{1,255}$/, 'expected 1 to 255 printable ASCII characters')
      .optional(),
    size: z
      .int()
      .min(0)
      .max(5 * 1024 ** 3)
      .optional()
      .openapi({ description: 'Bytes to come, exactly so many' }),
    expiresSeconds: z.int().min(1).max(604_800).default(3600),
  })
  .openapi('NewUpload')

const Upload = z
  .object({
    key: z.string().openapi({ description: 'For `trigger`, once the bytes are there' }),
    method: z.literal('PUT'),
    url: z
      .string()
      .openapi({ description: 'Where the bytes go; a path of the same host where they go to the gateway itself' }),
    headers: z.record(z.string(), z.string()).openapi({ description: 'To be sent as they are' }),
    expiresAt: Instant,
  })
  .openapi('Upload')

const route = createRoute({
  method: 'post',
  path: '/v1/queues/{queue}/uploads',
  operationId: 'createUpload',
  summary: 'A URL for the bytes of a job to come, which go straight to the store',
  request: { params: QueueParameters, body: jsonBody(Wanted) },
  responses: { 201: jsonAnswer('Send it the bytes, once', Upload), ...refusals },
})

const putRoute = createRoute({
  method: 'put',
  path: '/v1/uploads/{token}',
  operationId: 'putUpload',
  summary: 'Takes the bytes of an upload, where the store has no URLs of its own',
  request: {
    params: TokenParameters,
    body: { content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } } },
  },
  responses: { 200: { description: 'They are stored' }, ...refusals },
})

const purpose = 'upload'

/** Uploads: what is given for them is a URL, and what is sent there is stored. */
export function uploadRoutes(app: OpenAPIHono<GatewayEnv>, house: House, links: Links): void {
  app.openapi(route, async (c) => {
    const { queue: name } = c.req.valid('param')
    expectScope(c, 'submit', name)
    const { filename, contentType, size, expiresSeconds } = c.req.valid('json')
    const { queue } = await house.queues.get(name)
    const naming = definedOf({ filename, contentType })
    const upload = await presigned(queue, naming, { size, expiresSeconds, signal: c.req.raw.signal })
    if (upload)
      return c.json({ ...upload, headers: { ...upload.headers }, expiresAt: upload.expiresAt.toISOString() }, 201)
    const key = storedKey(randomUUID())
    const { token, expiresAt } = links.sign(purpose, { queue: name, key, size, ...naming }, expiresSeconds)
    const headers = { 'Content-Type': contentType ?? 'application/octet-stream' }
    return c.json(
      {
        key,
        method: 'PUT' as const,
        url: house.at(`/v1/uploads/${token}`),
        headers,
        expiresAt: expiresAt.toISOString(),
      },
      201,
    )
  })

  app.openapi(putRoute, async (c) => {
    const what = links.read(purpose, c.req.valid('param').token)
    const { queue } = await house.queues.get(text(what['queue']) ?? '')
    const key = text(what['key']) ?? ''
    if (await isThere(queue, key)) throw new Problem(412, 'The bytes are there already', { code: 'CONFLICT' })
    takeLargeBody(c)
    const bytes = c.req.raw.body ? Readable.fromWeb(c.req.raw.body) : Readable.from([])
    bytes.on('error', () => {}) // told by who reads it
    const naming = definedOf({ filename: text(what['filename']), contentType: text(what['contentType']) })
    const body = sized(bytes, number(what['size']))
    await storeAt(await queue[source].open(), key, readData({ ...naming, body }), { signal: c.req.raw.signal })
    return c.body(null, 200)
  })
}

/** `undefined` where the store has no URLs. */
async function presigned(queue: Queue, naming: JsonObject, options: Parameters<Queue['presignUpload']>[1]) {
  try {
    return await queue.presignUpload(naming, options)
  } catch (error) {
    if (hasCode(error, 'UNSUPPORTED')) return undefined
    throw error
  }
}

async function isThere(queue: Queue, key: string): Promise<boolean> {
  try {
    await queue.retrieve(key)
    return true
  } catch (error) {
    if (hasCode(error, 'NOT_FOUND')) return false
    throw error
  }
}

function definedOf(given: {
  readonly filename: string | undefined
  readonly contentType: string | undefined
}): JsonObject {
  return Object.fromEntries(Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined))
}
