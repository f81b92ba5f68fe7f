import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { RemoteJobError } from '../errors.ts'
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from '../protocol/json.ts'
import { Problem } from './problem.ts'

/** What a link is good for, in the gateway's own words. */
export interface Link {
  /** The last part of its path. */
  readonly token: string
  readonly expiresAt: Date
}

/** Links that are signed and expire: whoever has one may do that one thing, without a token of their own. */
export class Links {
  readonly #secret: string | Buffer

  /**
   * @param secret what all gateways of these queues have in common; without one, links are good at this process alone, and end with it
   * @throws RemoteJobError `INVALID_ARGUMENT` for one that could be guessed
   */
  constructor(secret: string | undefined) {
    if (secret !== undefined && secret.length < 32)
      throw new RemoteJobError('INVALID_ARGUMENT', 'Expected `linkSecret` to be 32 characters or more')
    this.#secret = secret ?? randomBytes(32)
  }

  sign(purpose: string, what: Readonly<Record<string, JsonValue | undefined>>, expiresSeconds: number): Link {
    const expiresAt = new Date(Date.now() + expiresSeconds * 1000)
    const text = Buffer.from(JSON.stringify({ ...what, expiresAt: expiresAt.getTime() })).toString('base64url')
    return { token: `${text}.${this.#seal(purpose, text)}`, expiresAt }
  }

  /**
   * What was signed for that purpose.
   * @throws Problem 403 for what this gateway did not sign, 410 when it has expired
   */
  read(purpose: string, token: string): JsonObject {
    const [text = '', seal = ''] = token.split('.', 2)
    const [given, right] = [Buffer.from(seal), Buffer.from(this.#seal(purpose, text))]
    const isOurs = given.byteLength === right.byteLength && timingSafeEqual(given, right)
    const what = isOurs ? parseJson(Buffer.from(text, 'base64url').toString()) : undefined
    if (!isJsonObject(what)) throw new Problem(403, 'This link is not one of this gateway: ask for a new one')
    if (Number(what['expiresAt']) > Date.now()) return what
    throw new Problem(410, 'This link has expired: ask for a new one')
  }

  #seal(purpose: string, text: string): string {
    return createHmac('sha256', this.#secret).update(`${purpose}.${text}`).digest('base64url')
  }
}
