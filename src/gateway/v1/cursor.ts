import { isId } from '../../protocol/id.ts'
import { Problem } from '../problem.ts'

/** Where a list goes on; what is in it is nobody's business. */
export function cursorAt(id: string): string {
  return Buffer.from(`1:${id}`).toString('base64url')
}

/** @throws Problem 400 for what this gateway did not give out */
export function readCursor(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined
  const [version, id] = Buffer.from(cursor, 'base64url').toString().split(':', 2)
  if (version === '1' && isId(id)) return id
  throw new Problem(400, 'query.cursor: expected the `next` of a page, as it was', { code: 'INVALID_ARGUMENT' })
}
