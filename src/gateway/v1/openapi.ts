import type { OpenAPIHono } from '@hono/zod-openapi'
import { version } from '../../version.ts'
import type { GatewayEnv } from '../gateway-env.ts'
import type { House } from '../house.ts'

/** `GET /openapi.json`: the gateway's own description, made of the schemas that requests are checked with. */
export function describeItself(app: OpenAPIHono<GatewayEnv>, { at }: House): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' })
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: 'remotejob',
      version: version(),
      description: 'Jobs over HTTP. Every refusal is a problem of RFC 9457.',
      license: { name: 'MIT' },
    },
    servers: [{ url: at('/') }],
    // Without configured tokens none is asked for.
    security: [{}, { bearer: [] }],
  })
}
