import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { CookieOptions } from 'hono/utils/cookie'
import type { GatewayContext } from '../gateway-env.ts'
import { sessionSeconds } from './sessions.ts'

/** Browsers take the cookie with the prefix from this host alone, and only over TLS. */
const nameOf = (isSecure: boolean): string => (isSecure ? '__Host-remotejob' : 'remotejob')

const cookieOptions = (isSecure: boolean): CookieOptions => ({
  httpOnly: true,
  sameSite: 'Strict',
  secure: isSecure,
  path: '/',
})

/** The secret of the session that the browser has, if it has one. */
export function readSession(c: GatewayContext): string | undefined {
  return getCookie(c, nameOf(c.var.isSecure))
}

/** Has the browser keep a session. */
export function keepSession(c: GatewayContext, secret: string): void {
  const { isSecure } = c.var
  setCookie(c, nameOf(isSecure), secret, { ...cookieOptions(isSecure), maxAge: sessionSeconds })
}

/** Has the browser forget it. */
export function forgetSession(c: GatewayContext): void {
  const { isSecure } = c.var
  deleteCookie(c, nameOf(isSecure), cookieOptions(isSecure))
}
