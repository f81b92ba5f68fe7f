import { Hono } from 'hono'
import { type Access, accessOf } from '../../../src/gateway/access/access.ts'
import type { AccessOptions } from '../../../src/gateway/access/access-options.ts'
import { admit } from '../../../src/gateway/access/admit.ts'
import { loginRoutes } from '../../../src/gateway/access/login.ts'
import { expectScope, type Scope, scopes } from '../../../src/gateway/caller.ts'
import type { GatewayEnv } from '../../../src/gateway/gateway-env.ts'
import { limitsOf } from '../../../src/gateway/limits/limit-options.ts'
import { problemOf } from '../../../src/gateway/problem-of.ts'

/** What a request says beside its path. */
export interface Said {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** The socket's address. */
  readonly from?: string | undefined
}

/** A gateway of nothing but its doors: `/may/{scope}/{queue}` answers `yes` to whoever may. */
export function doors(options: AccessOptions) {
  const access: Access = accessOf(options, limitsOf())
  const app = new Hono<GatewayEnv>()
  app.onError((error) => problemOf(error)?.toResponse() ?? new Response(String(error), { status: 500 }))
  app.use(admit(access))
  loginRoutes(app, access, '/')
  app.all('/may/:scope/:queue?', (c) => {
    expectScope(c, scopeOf(c.req.param('scope')), c.req.param('queue'))
    return c.text(`yes, ${c.var.caller.name ?? c.var.address}`)
  })
  return async (url: string, { from = '127.0.0.1', ...init }: Said = {}) =>
    app.request(url.startsWith('/') ? `http://localhost:8080${url}` : url, init, { remoteAddress: from })
}

function scopeOf(word: string): Scope {
  const scope = scopes.find((one) => one === word)
  if (!scope) throw new Error(`No scope ${word}`)
  return scope
}

/** The status of each answer. */
export async function statuses(answers: readonly Promise<Response>[]): Promise<readonly number[]> {
  return (await Promise.all(answers)).map(({ status }) => status)
}
