import { hasCode } from '../../errors.ts'
import type { GatewayContext } from '../gateway-env.ts'
import { Problem } from '../problem.ts'

/** An answer that tells the version of what it shows, as `entity_tag` in it does. */
export function tagged(c: GatewayContext, body: { readonly entity_tag: string }, status: 200 | 201 = 200): Response {
  return c.json(body, status, { ETag: `"${body.entity_tag}"`, 'Cache-Control': 'no-store' })
}

/**
 * Changes what there is if it is the version of `If-Match`: an `entity_tag` with or without quotes, or `*` for any.
 * @throws Problem 428 where nothing is said, 412 for another version
 */
export async function ifMatch<Result>(
  c: GatewayContext,
  change: (version: number | undefined) => Promise<Result>,
): Promise<Result> {
  const wanted = c.req.header('If-Match')?.trim() ?? ''
  if (wanted === '')
    throw new Problem(428, 'Send the header If-Match: the entity_tag of what you read, or * for any version')
  const version = wanted === '*' ? undefined : Number(/^("?)(\d{1,9})\1$/.exec(wanted)?.[2])
  if (Number.isNaN(version)) throw stale()
  try {
    return await change(version)
  } catch (error) {
    throw version !== undefined && hasCode(error, 'CONFLICT') ? stale(error) : error
  }
}

function stale(cause?: unknown): Problem {
  return new Problem(412, 'It was changed meanwhile, and has another entity_tag: read it again, and decide anew', {
    cause,
  })
}
