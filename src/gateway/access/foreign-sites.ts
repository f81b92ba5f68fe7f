import type { GatewayContext } from '../gateway-env.ts'
import { Problem } from '../problem.ts'

/**
 * Whether a page of somebody else's makes this request in a browser, with what the browser adds by itself: where it is, or a cookie.
 * A link to the gateway that somebody follows is none: the page that has it sees nothing of the answer.
 * https://www.w3.org/TR/fetch-metadata/ and, for browsers and addresses without it, the `Origin` header.
 */
export function isOfForeignSite(c: GatewayContext, allowedOrigins: readonly string[]): boolean {
  const origin = c.req.header('Origin')
  const site = c.req.header('Sec-Fetch-Site')
  if (origin !== undefined && allowedOrigins.includes(origin)) return false
  if (site !== undefined) return site !== 'same-origin' && site !== 'none' && !isNavigation(c)
  return origin !== undefined && hostOf(origin) !== (c.req.header('Host') ?? new URL(c.req.url).host).toLowerCase()
}

/** What its page is told. */
export function foreignSite(): Problem {
  return new Problem(
    403,
    'Pages of other sites may not do that: whoever runs the gateway can name their origin as an allowed one',
  )
}

function isNavigation(c: GatewayContext): boolean {
  const isRead = c.req.method === 'GET' || c.req.method === 'HEAD'
  return isRead && c.req.header('Sec-Fetch-Mode') === 'navigate' && c.req.header('Sec-Fetch-Dest') === 'document'
}

/** Without the scheme: a proxy in front may be the one that has the certificate. */
function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}
