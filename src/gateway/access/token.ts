import { createHash, randomBytes } from 'node:crypto'
import { checkTokenEntry, type TokenEntry } from './token-entry.ts'

/** What tokens look like, so that those who search for leaked secrets find them. */
export const tokenForm = /^remotejob_[\w-]{43}$/

/** A token, and what is kept of it. */
export interface CreatedToken {
  /** For the caller; nobody can tell it again. */
  readonly token: string
  /** For `GatewayOptions.tokens`. */
  readonly entry: TokenEntry
}

/**
 * Makes a token of 256 random bits. No salt and no slow hash: those are for what people think up.
 * @throws RemoteJobError `INVALID_ARGUMENT`
 */
export function createToken(about: Omit<TokenEntry, 'sha256'>): CreatedToken {
  const token = `remotejob_${randomBytes(32).toString('base64url')}`
  return { token, entry: checkTokenEntry({ ...about, sha256: hashOf(token).toString('hex') }) }
}

/** What is kept of a token. */
export function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
