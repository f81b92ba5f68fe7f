import { hash } from 'node:crypto'
import type { GatewayContext } from '../gateway-env.ts'
import { Problem } from '../problem.ts'

/**
 * An id that is always the same for one key of one caller and one thing to do, so that the protocol's own check of ids makes a request
 * that comes twice one job, at whichever gateway and whenever it comes. `undefined` without a key.
 * https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 * @throws Problem 400
 */
export function idFromKey(c: GatewayContext, ...doing: readonly string[]): string | undefined {
  const key = c.req.header('Idempotency-Key')
  if (key === undefined) return undefined
  if (!/^[\x20-\x7e]{1,255}$/.test(key))
    throw new Problem(400, 'headers.Idempotency-Key: expected 1 to 255 printable ASCII characters')
  const scope = JSON.stringify([c.var.caller.name ?? null, ...doing, key])
  return `key.${hash('sha256', scope, 'hex').slice(0, 32)}`
}

/** That key was of another request. */
export function keyReused(cause?: unknown): Problem {
  const detail = 'This Idempotency-Key was used for another request: send the same one, or use another key'
  return new Problem(422, detail, { code: 'ID_IN_USE', cause })
}
