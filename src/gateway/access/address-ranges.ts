import { BlockList, isIP, SocketAddress } from 'node:net'
import { RemoteJobError } from '../../errors.ts'
import { show } from '../../protocol/names.ts'

/** Networks, such as `10.0.0.0/8`, and single addresses. */
export class AddressRanges {
  readonly #ranges = new BlockList()

  /** @throws RemoteJobError `INVALID_ARGUMENT` that names the option and what is no network */
  constructor(option: string, networks: readonly string[]) {
    for (const network of networks) this.#add(option, network)
  }

  #add(option: string, network: string): void {
    const [, address = '', prefix] = /^([\da-f:.]+)(?:\/(\d{1,3}))?$/i.exec(network) ?? []
    const family = isIP(address)
    const bits = family === 4 ? 32 : 128
    const length = prefix === undefined ? bits : Number(prefix)
    if (family === 0 || length > bits)
      throw new RemoteJobError(
        'INVALID_ARGUMENT',
        `Expected \`${option}\` to be networks such as 10.0.0.0/8 or fd00::/8, got ${show(network)}`,
      )
    this.#ranges.addSubnet(address, length, family === 4 ? 'ipv4' : 'ipv6')
  }

  /** Whether an address, as `plainAddress` has it, is in one of them. */
  has(address: string | undefined): boolean {
    return address !== undefined && this.#ranges.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6')
  }
}

/** This machine's own addresses for itself. */
export const loopback = new AddressRanges('loopback', ['127.0.0.0/8', '::1'])

/**
 * One address in one form, without port, brackets and zone: IPv4 inside of IPv6 (`::ffff:10.0.0.1`), as sockets that take both have it,
 * is IPv4. `undefined` where it is no address.
 */
export function plainAddress(text: string | undefined): string | undefined {
  const bare = text
    ?.trim()
    .replace(/^\[(.*)\](?::\d+)?$/, '$1')
    .replace(/^([\d.]+):\d+$/, '$1')
    .replace(/%.*$/, '')
  if (bare === undefined || isIP(bare) === 0) return undefined
  if (isIP(bare) === 4) return bare
  const { address } = new SocketAddress({ address: bare, family: 'ipv6' })
  return /^::ffff:([\d.]+)$/.exec(address)?.[1] ?? address
}
