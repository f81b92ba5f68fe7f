import { RemoteJobError } from '../../errors.ts'
import { AddressRanges } from './address-ranges.ts'
import type { AccessOptions } from './access-options.ts'
import type { Limits } from '../limits/limit-options.ts'
import { Rate } from '../limits/rate.ts'
import { KnownTokens } from './known-tokens.ts'
import { Sessions } from './sessions.ts'

/** What decides who gets in. */
export interface Access {
  /** `undefined` where none are configured. */
  readonly tokens: KnownTokens | undefined
  readonly sessions: Sessions
  /** How often an address may be wrong. */
  readonly wrongTokens: Rate
  readonly isOpen: boolean
  readonly privateFrom: AddressRanges
  readonly trustedProxies: AddressRanges
  readonly hosts: readonly string[]
  readonly allowedOrigins: readonly string[]
}

/** @throws RemoteJobError `INVALID_ARGUMENT` for what cannot be, or would let in more than it seems to */
export function accessOf(
  {
    tokens,
    open: isOpen = false,
    privateFrom = [],
    trustedProxies = [],
    hosts = [],
    allowedOrigins = [],
  }: AccessOptions,
  limits: Limits,
): Access {
  if (isOpen && tokens !== undefined)
    throw invalid('Expected one of `open` and `tokens`: either nobody needs a token, or there are some')
  if (tokens === undefined && privateFrom.length > 0)
    throw invalid('Expected `tokens` beside `privateFrom`: without any, nobody but this machine gets in')
  if (tokens === undefined && allowedOrigins.includes('*'))
    throw invalid(
      'Expected `tokens` beside the allowed origin *: without any, every web page that is open here could do everything',
    )
  return {
    tokens: tokens && new KnownTokens(tokens),
    sessions: new Sessions(),
    wrongTokens: new Rate(limits.wrongTokensPerMinute, 60),
    isOpen,
    privateFrom: new AddressRanges('privateFrom', privateFrom),
    trustedProxies: new AddressRanges('trustedProxies', trustedProxies),
    hosts: hosts.map((name) => name.toLowerCase()),
    allowedOrigins: allowedOrigins.map(checkOrigin),
  }
}

function checkOrigin(origin: string): string {
  if (origin === '*' || (URL.canParse(origin) && new URL(origin).origin === origin)) return origin
  throw invalid(
    `Expected \`allowedOrigins\` to be origins such as https://app.example.com, got ${JSON.stringify(origin)}`,
  )
}

function invalid(message: string): RemoteJobError {
  return new RemoteJobError('INVALID_ARGUMENT', message)
}
