import type { Hono } from 'hono'
import type { GatewayContext, GatewayEnv } from '../gateway-env.ts'
import { addressKey } from '../limits/limit-key.ts'
import { Problem } from '../problem.ts'
import type { Access } from './access.ts'
import { foreignSite, isOfForeignSite } from './foreign-sites.ts'
import { forgetSession, keepSession, readSession } from './session-cookie.ts'

/**
 * Browsers log in with a token, and are given a session for it, which no script of the page can read. Requests of other sites' pages do
 * not get here.
 */
export function loginRoutes(app: Hono<GatewayEnv>, { tokens, sessions, wrongTokens, allowedOrigins }: Access): void {
  if (!tokens) return
  app.post('/login', async (c) => {
    if (isOfForeignSite(c, allowedOrigins)) throw foreignSite()
    const entry = tokens.find(await tokenIn(c))
    if (!entry) {
      await wrongTokens.count(addressKey(c))
      return refuse(c)
    }
    keepSession(c, sessions.start(entry))
    return c.redirect('./', 303)
  })
  app.post('/logout', (c) => {
    const secret = readSession(c)
    if (secret !== undefined) sessions.end(secret)
    forgetSession(c)
    return c.redirect('./', 303)
  })
}

async function tokenIn(c: GatewayContext): Promise<string> {
  if (!/^application\/x-www-form-urlencoded\b/i.test(c.req.header('Content-Type') ?? ''))
    throw new Problem(415, 'Send a form (application/x-www-form-urlencoded) with the field "token"')
  return new URLSearchParams(await c.req.text()).get('token')?.trim() ?? ''
}

/** People see the page again, which says that it was not the right one. */
function refuse(c: GatewayContext): Response {
  if (c.req.header('Accept')?.includes('text/html') === true) return c.redirect('./?login=refused', 303)
  throw new Problem(401, 'That token is not one of this gateway')
}
