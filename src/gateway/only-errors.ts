import type { MiddlewareHandler } from 'hono'
import type { GatewayEnv } from './gateway-env.ts'

/**
 * Makes an `Error` of whatever else is thrown: a request that is aborted with a text, say, has that as its reason. Hono answers to errors
 * alone, and would let the gateway reject.
 */
export const onlyErrors: MiddlewareHandler<GatewayEnv> = async (_, next) => {
  try {
    await next()
  } catch (thrown) {
    throw thrown instanceof Error
      ? thrown
      : new Error(`What was thrown is no error: ${textOf(thrown)}`, { cause: thrown })
  }
}

/** Also of what has no text, such as an object without a prototype. */
function textOf(thrown: unknown): string {
  try {
    return String(thrown)
  } catch {
    return typeof thrown
  }
}
