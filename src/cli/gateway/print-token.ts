import { createToken, type TokenEntry } from '../../gateway.ts'
import type { Session } from '../session.ts'
import { note } from '../terminal.ts'

/** Makes a token, and prints it with what is kept of it. */
export async function printToken(session: Session, about: Omit<TokenEntry, 'sha256'>): Promise<void> {
  const { token, entry } = createToken(about)
  const { name, sha256, scopes, queues = ['*'] } = entry
  const kept = { name, sha256, scopes: [...scopes], queues: [...queues] }
  const { stringify } = await import('yaml')
  note(session.terminal, 'The token, which is not shown again, and its entry for the file of --tokens:')
  await session.print({ data: { token, entry: kept }, table: `${token}\n\n${stringify([kept])}` })
}
