import type { Hono } from 'hono'
import { accessOf } from './access/access.ts'
import { admit } from './access/admit.ts'
import { loginRoutes } from './access/login.ts'
import { share } from './access/share.ts'
import type { GatewayEnv } from './gateway-env.ts'
import { healthRoutes } from './health.ts'
import type { House } from './house.ts'
import { countRequests, limitCallers } from './limits/limits.ts'

/**
 * What every request passes before any route: is there room, who is it, and does it keep to the limits?
 * @throws RemoteJobError `INVALID_ARGUMENT`
 */
export function entrance(app: Hono<GatewayEnv>, house: House): void {
  const access = accessOf(house.options, house.limits)
  healthRoutes(app, house)
  app.use(countRequests(house.crowd))
  if (access.allowedOrigins.length > 0) app.use(share(access.allowedOrigins))
  app.use(admit(access))
  limitCallers(app, house.crowd, house.limits)
  loginRoutes(app, access, house.at('/'))
}
