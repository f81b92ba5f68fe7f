import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { Problem } from '../problem.ts'

/** So much in so many seconds for each key, counted in this process. */
export class Rate {
  readonly #limiter: RateLimiterMemory

  constructor(points: number, seconds: number) {
    this.#limiter = new RateLimiterMemory({ points, duration: seconds })
  }

  /** @throws Problem 429 with when to come back */
  async count(key: string): Promise<void> {
    try {
      await this.#limiter.consume(key)
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error
      throw tooMany('Too many requests', Math.ceil(error.msBeforeNext / 1000))
    }
  }
}

/** A refusal for now. */
export function tooMany(what: string, seconds: number): Problem {
  const wait = Math.max(1, seconds)
  return new Problem(429, `${what}: come back in ${wait} s`, { headers: { 'Retry-After': String(wait) } })
}
