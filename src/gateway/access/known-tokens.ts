import { timingSafeEqual } from 'node:crypto'
import { hashOf, tokenForm } from './token.ts'
import { checkTokens, type TokenEntry } from './token-entry.ts'

/** The tokens that a gateway takes. */
export class KnownTokens {
  readonly #known: readonly { readonly entry: TokenEntry; readonly hash: Buffer }[]

  /** @throws RemoteJobError `INVALID_ARGUMENT` */
  constructor(tokens: readonly TokenEntry[]) {
    this.#known = checkTokens(tokens).map((entry) => ({ entry, hash: Buffer.from(entry.sha256, 'hex') }))
  }

  /** Whose token that is. It takes as long whether it is one of them or not, and whichever it is. */
  find(token: string): TokenEntry | undefined {
    const hash = hashOf(token)
    const [found] = this.#known.filter((one) => timingSafeEqual(one.hash, hash))
    return tokenForm.test(token) ? found?.entry : undefined
  }
}
