import { Readable } from 'node:stream'
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { JobHandle } from '../../job-handle.ts'
import { hasCode } from '../../errors.ts'
import type { JobOptions } from '../../options.ts'
import { isJsonObject, type JsonObject, parseJson } from '../../protocol/json.ts'
import type { Queue } from '../../queue.ts'
import { expectScope } from '../caller.ts'
import type { GatewayContext, GatewayEnv } from '../gateway-env.ts'
import type { House } from '../house.ts'
import { takeLargeBody } from '../limits/limit-body.ts'
import { Problem } from '../problem.ts'
import { jsonAnswer, refusals } from './describe.ts'
import { idFromKey, keyReused } from './idempotency.ts'
import { checkMetadata, JobCreated, JobOptionsQuery, QueueParameters } from './job-schemas.ts'
import { jobPath } from './job-view.ts'
import { readForm } from './multipart.ts'
import { sameBytes } from './same-bytes.ts'

const KeyHeader = z.object({
  'idempotency-key': z.string().optional().openapi({
    description: 'The same key with the same request is the same job, however often it comes',
  }),
})

const binary = { schema: { type: 'string', format: 'binary' } } as const

const route = createRoute({
  method: 'post',
  path: '/v1/queues/{queue}/jobs',
  operationId: 'createJob',
  summary: 'Sends a job',
  description:
    "The body is the job's input, streamed; its media type goes with it. Or it is a form (`multipart/form-data`) with a field `metadata`, JSON, and after it a file `body`.",
  request: {
    params: QueueParameters,
    headers: KeyHeader,
    query: JobOptionsQuery.extend({
      metadata: z.string().optional().openapi({ description: 'An object of JSON, for the worker' }),
      filename: z.string().max(1024).optional().openapi({ description: 'The name of the input' }),
    }),
    body: {
      content: {
        'application/octet-stream': binary,
        'multipart/form-data': {
          schema: {
            type: 'object',
            properties: { metadata: { type: 'string' }, body: { type: 'string', format: 'binary' } },
          },
        },
      },
    },
  },
  responses: { 201: jsonAnswer('The job is on its way', JobCreated), ...refusals },
})

/** What was sent: what the worker is told, and the bytes. */
interface Given {
  readonly metadata: JsonObject
  readonly body: AsyncIterable<Uint8Array> | undefined
}

/** `POST /v1/queues/{queue}/jobs`. */
export function createJob(app: OpenAPIHono<GatewayEnv>, house: House): void {
  app.openapi(route, async (c) => {
    const { queue: name } = c.req.valid('param')
    expectScope(c, 'submit', name)
    const { metadata, filename, ...options } = c.req.valid('query')
    const key = idFromKey(c, 'submit', name)
    if (key !== undefined && options.id !== undefined)
      throw new Problem(400, 'Expected one of `id` and Idempotency-Key, got both', { code: 'INVALID_ARGUMENT' })
    const { queue } = await house.queues.get(name)
    const given = await readGiven(c, metadata, filename)
    const asked = { ...options, signal: c.req.raw.signal }
    const handle = await (key === undefined
      ? queue.submit({ ...given.metadata, body: given.body }, asked)
      : once(queue, key, given, asked))
    const href = house.at(jobPath(name, handle.id))
    return c.json({ id: handle.id, queue: name, href }, 201, { Location: href })
  })
}

/** A job under the id of a key: what comes again is compared with what came first, and stored no second time. */
async function once(queue: Queue, id: string, { metadata, body }: Given, options: JobOptions): Promise<JobHandle> {
  const standing = await queue.inspect(id, { signal: options.signal })
  const isSame = !standing || (await sameBytes(body, standing.input, options.signal))
  if (!isSame) throw keyReused()
  try {
    return await queue.submit({ ...metadata, body: standing ? undefined : body }, { ...options, id })
  } catch (error) {
    throw hasCode(error, 'ID_IN_USE') ? keyReused(error) : error
  }
}

async function readGiven(c: GatewayContext, json: string | undefined, filename: string | undefined): Promise<Given> {
  const said = json === undefined ? {} : parseJson(json)
  if (!isJsonObject(said))
    throw new Problem(400, 'query.metadata: expected an object of JSON', { code: 'INVALID_ARGUMENT' })
  const named = { ...said, ...(filename === undefined ? {} : { filename }) }
  takeLargeBody(c)
  const source = c.req.raw.body ? Readable.fromWeb(c.req.raw.body) : undefined
  source?.on('error', () => {}) // told by who reads it
  const type = c.req.header('Content-Type')
  if (!source || !type?.toLowerCase().startsWith('multipart/form-data'))
    return given({ ...typeFrom(type), ...named }, source)
  const form = await readForm(source, type)
  const { file } = form
  const name = file?.filename === undefined ? {} : { filename: file.filename }
  return given({ ...typeFrom(file?.contentType), ...name, ...named, ...form.metadata }, file?.body)
}

/** What a client sends that knows of no type says nothing. */
function typeFrom(type: string | undefined): JsonObject {
  const said = type?.trim()
  if (!said || /^application\/(octet-stream|x-www-form-urlencoded)\b/i.test(said)) return {}
  return { contentType: said }
}

function given(metadata: JsonObject, body: Given['body']): Given {
  checkMetadata(metadata)
  return { metadata, body }
}
