import type { Hono } from 'hono'
import type { GatewayContext, GatewayEnv } from '../gateway-env.ts'
import { addressKey } from '../limits/limit-key.ts'
import { Problem } from '../problem.ts'
import type { Access } from './access.ts'
import { foreignSite, isOfForeignSite } from './foreign-sites.ts'
import { ownPage, refusedAt } from './own-page.ts'
import { forgetSession, keepSession, readSession } from './session-cookie.ts'

/**
 * Browsers log in with a token, and are given a session for it, which no script of the page can read. Requests of other sites' pages do
 * not get here.
 * @param start where the gateway's start is
 */
export function loginRoutes(app: Hono<GatewayEnv>, access: Access, start: string): void {
  const { tokens, sessions, wrongTokens, allowedOrigins } = access
  if (!tokens) return
  app.post('/login', async (c) => {
    if (isOfForeignSite(c, allowedOrigins)) throw foreignSite()
    const { token, next } = await formIn(c, start)
    const entry = tokens.find(token)
    if (!entry) {
      await wrongTokens.count(addressKey(c))
      return refuse(c, next)
    }
    keepSession(c, sessions.start(entry))
    return c.redirect(next, 303)
  })
  app.post('/logout', (c) => {
    const secret = readSession(c)
    if (secret !== undefined) sessions.end(secret)
    forgetSession(c)
    return c.redirect('./', 303)
  })
}

/** The token, and the page that was asked for without one. */
async function formIn(c: GatewayContext, start: string): Promise<{ readonly token: string; readonly next: string }> {
  if (!/^application\/x-www-form-urlencoded\b/i.test(c.req.header('Content-Type') ?? ''))
    throw new Problem(415, 'Send a form (application/x-www-form-urlencoded) with the field "token"')
  const form = new URLSearchParams(await c.req.text())
  return { token: form.get('token')?.trim() ?? '', next: ownPage(form.get('next') ?? undefined, start) ?? './' }
}

/** People see the page again, which says that it was not the right one. */
function refuse(c: GatewayContext, next: string): Response {
  if (c.req.header('Accept')?.includes('text/html') === true) return c.redirect(refusedAt(next), 303)
  throw new Problem(401, 'That token is not one of this gateway')
}
