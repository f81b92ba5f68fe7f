import type { MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import type { GatewayEnv } from '../gateway-env.ts'

/**
 * Lets pages of some origins call the gateway and read its answers. Not with the cookie of whoever is logged in: they send a token.
 */
export function share(origins: readonly string[]): MiddlewareHandler<GatewayEnv> {
  return cors({
    origin: origins.includes('*') ? '*' : [...origins],
    allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposeHeaders: ['Accept-Ranges', 'Content-Disposition', 'Content-Range', 'ETag', 'Link', 'Location', 'Retry-After'],
    maxAge: 600,
  })
}
