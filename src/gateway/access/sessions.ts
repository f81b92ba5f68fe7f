import { randomBytes } from 'node:crypto'
import { hashOf } from './token.ts'
import type { TokenEntry } from './token-entry.ts'

/** Seconds that somebody stays logged in: a working day. */
export const sessionSeconds = 43_200

/** More than that many at once are somebody's mistake; the oldest go. */
const mostSessions = 10_000

/** Who is logged in, in the memory of this process: a restart logs everybody out. Tokens are not kept, and of a session's secret its hash. */
export class Sessions {
  readonly #sessions = new Map<string, { readonly entry: TokenEntry; readonly endsAt: number }>()

  /** Starts one. @returns its secret */
  start(entry: TokenEntry): string {
    const secret = randomBytes(32).toString('base64url')
    const [oldest] = this.#sessions.keys()
    if (oldest !== undefined && this.#sessions.size >= mostSessions) this.#sessions.delete(oldest)
    this.#sessions.set(keyOf(secret), { entry, endsAt: Date.now() + sessionSeconds * 1000 })
    return secret
  }

  /** Whose session that is, while it lasts. */
  find(secret: string): TokenEntry | undefined {
    const session = this.#sessions.get(keyOf(secret))
    if (session && session.endsAt > Date.now()) return session.entry
    this.end(secret)
    return undefined
  }

  end(secret: string): void {
    this.#sessions.delete(keyOf(secret))
  }
}

const keyOf = (secret: string): string => hashOf(secret).toString('hex')
