import { isIP } from 'node:net'
import type { GatewayContext } from '../gateway-env.ts'

/** Whom limits count: a caller by its name, and who did not say one by the address. */
export function limitKey(c: GatewayContext): string {
  const { name } = c.var.caller
  return name === undefined ? addressKey(c) : `caller ${name}`
}

/** The address that counts: of IPv6 its network, since one household has all of a /64. */
export function addressKey(c: GatewayContext): string {
  const { address = 'unknown' } = c.var
  return isIP(address) === 6 ? networkOf(address) : address
}

/** The first four of the eight groups. */
function networkOf(address: string): string {
  const [front = '', back] = address.split('::')
  const groups = front === '' ? [] : front.split(':')
  const filled = back === undefined ? groups : [...groups, ...Array.from({ length: 4 }, () => '0')]
  return `${filled.slice(0, 4).join(':')}::/64`
}
