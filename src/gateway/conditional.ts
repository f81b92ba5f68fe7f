import { hash } from 'node:crypto'
import type { TypedResponse } from 'hono'
import type { JSONParsed } from 'hono/utils/types'
import type { GatewayContext } from './gateway-env.ts'

/** What tells this version of an answer from all others. */
export function tagOf(value: unknown): string {
  return `"${hash('sha256', JSON.stringify(value), 'hex').slice(0, 32)}"`
}

type JsonOrKnown<View> =
  | (Response & TypedResponse<JSONParsed<View>, 200, 'json'>)
  | (Response & TypedResponse<null, 304, 'body'>)

/** JSON for who has not that version already. */
export function jsonUnlessKnown<View extends object>(
  c: GatewayContext,
  view: View,
  tag: string = tagOf(view),
): JsonOrKnown<View> {
  if (isKnown(c, tag)) return c.body(null, 304, { ETag: tag })
  return c.json(view, 200, tagged(tag))
}

/** An object's version as HTTP writes it. */
export function quoted(etag: string): string {
  return `"${etag.replaceAll('"', '')}"`
}

/** Whether the caller has that version already. */
export function isKnown(c: GatewayContext, tag: string): boolean {
  return matches(c.req.header('If-None-Match'), tag)
}

/** Whether a list of tags has that one in it; `*` has all. Weak ones count, as RFC 9110 has it for `If-None-Match`. */
export function matches(given: string | undefined, tag: string): boolean {
  if (given === undefined) return false
  return given.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === tag)
}

/** An answer's headers for who asks again. */
export function tagged(tag: string): Record<string, string> {
  return { ETag: tag, 'Cache-Control': 'private, no-cache' }
}
