import { type AddressRanges, plainAddress } from './address-ranges.ts'

/**
 * Whose request it is. Each proxy adds at the right whom it heard: so the list is read from there, for as long as a proxy that is
 * trusted tells it. What the caller wrote itself is never reached.
 * @returns `undefined` where that is not known
 */
export function clientAddress(
  socketAddress: string | undefined,
  forwardedFor: string | undefined,
  proxies: AddressRanges,
): string | undefined {
  const hops = forwardedFor === undefined ? [] : forwardedFor.split(',')
  let address = plainAddress(socketAddress)
  while (hops.length > 0 && proxies.has(address)) address = plainAddress(hops.pop())
  return address
}
