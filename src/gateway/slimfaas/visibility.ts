import type { JobDefinition } from '../../runs/definition/job-definition.ts'
import type { Scope } from '../caller.ts'
import type { GatewayContext } from '../gateway-env.ts'
import { Problem } from '../problem.ts'
import type { SlimFaas } from './slimfaas.ts'

/** Whether the caller is from inside, as SlimFaas says: with a token that may, or from where none is needed. */
export function isInside(c: GatewayContext, { queue }: Pick<SlimFaas, 'queue'>, scope: Scope): boolean {
  return c.var.caller.may(scope, queue)
}

/**
 * Ends the request of a caller from outside for what is `Private`.
 * @param status what SlimFaas answers there
 * @throws Problem
 */
export function expectVisible(
  c: GatewayContext,
  slimFaas: Pick<SlimFaas, 'queue'>,
  { visibility }: Pick<JobDefinition, 'visibility'>,
  { scope, status }: { readonly scope: Scope; readonly status: 400 | 404 },
): void {
  if (visibility === 'public' || isInside(c, slimFaas, scope)) return
  const detail = `This job is Private: send a token with the scope "${scope}" (Authorization: Bearer <token>), or call from a network that counts as inside`
  throw new Problem(status, detail, { code: 'visibility_private' })
}
