import { isListed } from '../../runs/definition/whitelist.ts'
import type { GatewayContext } from '../gateway-env.ts'
import { loopback, plainAddress } from './address-ranges.ts'

/**
 * Whether the gateway is called by a name that is its own. A web page can have its own name lead to an address of this machine or its
 * network (DNS rebinding): its requests are then of one origin with the gateway, but have the page's name as their host.
 */
export function isCalledByName(c: GatewayContext, names: readonly string[]): boolean {
  const { hostname, host } = new URL(c.req.url)
  // A request line with a whole address in it could say something else than the header.
  if (c.req.header('Host') !== undefined && c.req.header('Host')?.toLowerCase() !== host.toLowerCase()) return false
  return isLoopbackName(hostname) || isListed(hostname.toLowerCase(), names)
}

/** Whether a name means this machine wherever it is asked. */
export function isLoopbackName(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || loopback.has(plainAddress(hostname))
}
