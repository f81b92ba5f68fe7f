import type { MiddlewareHandler } from 'hono'
import { anyone, type Caller, nobody } from '../caller.ts'
import type { GatewayContext, GatewayEnv } from '../gateway-env.ts'
import { addressKey } from '../limits/limit-key.ts'
import { Problem } from '../problem.ts'
import type { Access } from './access.ts'
import { loopback, plainAddress } from './address-ranges.ts'
import { clientAddress } from './client-address.ts'
import { foreignSite, isOfForeignSite } from './foreign-sites.ts'
import { isCalledByName } from './host-names.ts'
import { readSession } from './session-cookie.ts'
import { callerOf } from './token-entry.ts'

/** Who is inside of the network may bring work and look at it, and no more. */
const inside: Caller = { name: undefined, may: (scope) => scope !== 'admin' }

/** Finds out who asks. What they may, each route asks for itself: some things are for everybody. */
export function admit(access: Access): MiddlewareHandler<GatewayEnv> {
  return async (c, next) => {
    const socket = c.env.remoteAddress
    c.set('address', clientAddress(socket, c.req.header('X-Forwarded-For'), access.trustedProxies))
    c.set('isSecure', isSecure(c, access))
    c.set('caller', (await byToken(c, access)) ?? byPlace(c, access))
    await next()
  }
}

/** A token stands for itself, wherever it comes from. */
async function byToken(c: GatewayContext, { tokens, wrongTokens }: Access): Promise<Caller | undefined> {
  const authorization = c.req.header('Authorization')
  if (authorization === undefined || !tokens) return undefined
  const [, token] = /^Bearer +(\S+) *$/i.exec(authorization) ?? []
  const entry = token === undefined ? undefined : tokens.find(token)
  if (entry) return callerOf(entry)
  await wrongTokens.count(addressKey(c))
  throw new Problem(401, 'That token is not one of this gateway: send another one, as Authorization: Bearer <token>', {
    headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
  })
}

/** What browsers send by themselves must not be sent by somebody else's page. */
function byPlace(c: GatewayContext, access: Access): Caller {
  if (isOfForeignSite(c, access.allowedOrigins)) {
    // Any page may show a token of its own, and none of them has what is the browser's.
    if (access.allowedOrigins.includes('*')) return nobody
    throw foreignSite()
  }
  if (!access.tokens) return access.isOpen ? openly(c, access) : byLoopback(c, access)
  const secret = readSession(c)
  const entry = secret === undefined ? undefined : access.sessions.find(secret)
  if (entry) return callerOf(entry)
  return access.privateFrom.has(c.var.address) && isCalledByName(c, access.hosts) ? inside : nobody
}

/** Where nothing says how the gateway is called, any name is right. */
function openly(c: GatewayContext, access: Access): Caller {
  if (access.hosts.length > 0) expectName(c, access)
  return anyone
}

function byLoopback(c: GatewayContext, access: Access): Caller {
  // A proxy on this machine, that nobody told the gateway of, hands on what comes from anywhere.
  const isHandedOn =
    c.req.header('X-Forwarded-For') !== undefined && !access.trustedProxies.has(plainAddress(c.env.remoteAddress))
  if (isHandedOn || !loopback.has(c.var.address))
    throw new Problem(
      403,
      'This gateway has no tokens, and so is for callers of its own machine alone: whoever runs it can give it some',
    )
  expectName(c, access)
  return anyone
}

function expectName(c: GatewayContext, access: Access): void {
  if (isCalledByName(c, access.hosts)) return
  throw new Problem(
    403,
    'The gateway is not known by that name: call it localhost, or whoever runs it can add the name to its hosts',
  )
}

function isSecure(c: GatewayContext, { trustedProxies }: Access): boolean {
  if (c.req.url.startsWith('https:')) return true
  return trustedProxies.has(plainAddress(c.env.remoteAddress)) && c.req.header('X-Forwarded-Proto') === 'https'
}
