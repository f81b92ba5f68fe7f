import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import type { StoredObject } from '../../lifecycle/stored-object.ts'
import { text } from '../../protocol/request.ts'
import type { GatewayContext, GatewayEnv } from '../gateway-env.ts'
import type { House } from '../house.ts'
import type { Links } from '../links.ts'
import { dispositionOf, serveObject } from '../serve-object.ts'
import { TokenParameters } from './describe.ts'
import { fileAnswers, RangeHeader } from './file-answers.ts'
import { fileOf } from './file-of.ts'

const purpose = 'file'

/** Which file of a job. */
export interface FileOfJob {
  readonly queue: string
  readonly id: string
  /** An asset's; of the input there is none. */
  readonly name?: string | undefined
}

/** How it is to be served, and for how long by the link. */
export interface LinkOptions {
  readonly disposition?: 'inline' | 'attachment' | undefined
  readonly expiresSeconds: number
}

const route = createRoute({
  method: 'get',
  path: '/v1/links/{token}',
  operationId: 'followLink',
  summary: 'A file, for whoever has a link to it',
  request: {
    params: TokenParameters,
    headers: RangeHeader,
  },
  responses: fileAnswers,
})

/** `GET /v1/links/{token}`. */
export function linkRoutes(app: OpenAPIHono<GatewayEnv>, house: House, links: Links): void {
  app.openapi(route, async (c) => {
    const { queue, id, name, disposition } = links.read(purpose, c.req.valid('param').token)
    const file = { queue: text(queue) ?? '', id: text(id) ?? '', name: text(name) }
    const object = await fileOf(house, file, c.req.raw.signal)
    return serveObject(c, object, { disposition: disposition === 'inline' ? 'inline' : 'attachment' })
  })
}

/** 303 to where the file is for who has no token: at the store, or here by a link. */
export async function redirectTo(
  c: GatewayContext,
  links: Links,
  { file, object, at }: { readonly file: FileOfJob; readonly object: StoredObject; readonly at: House['at'] },
  { disposition = 'attachment', expiresSeconds }: LinkOptions,
): Promise<Response> {
  const url = await object.presign({ expiresSeconds, disposition: dispositionOf(disposition, object.filename) })
  const here = (): string => at(`/v1/links/${links.sign(purpose, { ...file, disposition }, expiresSeconds).token}`)
  return c.body(null, 303, { Location: url ?? here(), 'Cache-Control': 'no-store' })
}
