import type { MiddlewareHandler } from 'hono'
import type { GatewayContext, GatewayEnv } from '../gateway-env.ts'
import { Problem } from '../problem.ts'
import type { Limits } from './limit-options.ts'
import { declaredSize, type Measure, measuredBody, tooLarge } from './measured-body.ts'

/** Bodies that routes read whole, before they know what is in them. */
const whole = /^(?:application\/x-www-form-urlencoded|multipart\/form-data|[^;]*[/+]json)\s*(?:;|$)/i

/**
 * Refuses bodies that are too large: at once where they say so, and otherwise when they are. A small one that says its size is left as it
 * is: what receives it holds it to that. A client that asked whether it may send its body is told so when something reads it.
 */
export function limitBody({ bodyBytes, wholeBodyBytes }: Limits): MiddlewareHandler<GatewayEnv> {
  return async (c, next) => {
    const size = declaredSize(c)
    if (Number.isNaN(size)) throw new Problem(400, 'Expected Content-Length to be a number of bytes')
    if (size !== undefined && size > bodyBytes) throw tooLarge(bodyBytes)
    const isLarge = size === undefined || size > wholeBodyBytes
    const measure = isLarge || c.env.onBody ? measured(c, { bodyBytes, wholeBodyBytes }) : undefined
    await next()
    // Whoever read it may have taken it for one that broke off, or for nonsense; who told it in a form of its own is left to it.
    if (measure?.isExceeded && c.res.status !== 413) throw tooLarge(measure.most)
  }
}

/** Lets this request's body be as large as any, whatever its media type: for routes that store it as it comes. */
export function takeLargeBody(c: GatewayContext): void {
  const { measure } = c.var
  if (measure) measure.most = measure.largest
}

function measured(
  c: GatewayContext,
  { bodyBytes, wholeBodyBytes }: Pick<Limits, 'bodyBytes' | 'wholeBodyBytes'>,
): Measure | undefined {
  const { url, method, headers, signal, body } = c.req.raw
  if (!body) return undefined
  const isWhole = whole.test(c.req.header('Content-Type') ?? '')
  const measure: Measure = {
    most: isWhole ? Math.min(wholeBodyBytes, bodyBytes) : bodyBytes,
    largest: bodyBytes,
    isExceeded: false,
    onBytes: () => c.var.onProgress(),
    onStart: c.env.onBody,
  }
  c.set('measure', measure)
  c.req.raw = new Request(url, { method, headers, signal, body: measuredBody(body, measure), duplex: 'half' })
  return measure
}
