import type { Hono } from 'hono'
import type { GatewayEnv } from './gateway-env.ts'
import type { House } from './house.ts'

/** For whoever starts and ends gateways, and for what shares requests out among them. They tell nothing else, and so ask nobody who they are. */
export function healthRoutes(app: Hono<GatewayEnv>, { closing }: House): void {
  app.get('/health', (c) => c.json({ status: 'ok' }, 200, { 'Cache-Control': 'no-store' }))
  app.get('/ready', (c) =>
    closing.aborted
      ? c.json({ status: 'closing' }, 503, { 'Cache-Control': 'no-store', 'Retry-After': '5' })
      : c.json({ status: 'ok' }, 200, { 'Cache-Control': 'no-store' }),
  )
}
