import type { GatewayContext } from './gateway-env.ts'
import { Problem } from './problem.ts'

/** What a caller may do: bring work, look at it, or everything else. `admin` has the other two in it. */
export type Scope = (typeof scopes)[number]

export const scopes = ['submit', 'read', 'admin'] as const

/** Who asks. */
export interface Caller {
  /** What tells callers apart in limits and keys, and is no secret; `undefined` of one that did not say. */
  readonly name: string | undefined
  /** Whether they may, on that queue or, without one, on all of them. */
  may(scope: Scope, queue?: string): boolean
}

/** Whoever can reach the gateway may do everything: for loopback, where no tokens are configured. */
export const anyone: Caller = { name: undefined, may: () => true }

/** Who did not say who they are. */
export const nobody: Caller = { name: undefined, may: () => false }

/**
 * Ends the request unless its caller may.
 * @public
 * @throws Problem 401 for one that did not say who they are, 403 for one that may not
 */
export function expectScope(c: GatewayContext, scope: Scope, queue?: string): void {
  const { caller } = c.var
  if (caller.may(scope, queue)) return
  if (caller.name === undefined)
    throw new Problem(401, 'Send a token: Authorization: Bearer <token>', { headers: { 'WWW-Authenticate': 'Bearer' } })
  const where = queue === undefined ? 'here' : `on the queue "${queue}"`
  throw new Problem(403, `This token may not do that ${where}: it needs the scope "${scope}"`)
}
