import { streamSSE } from 'hono/streaming'
import type { GatewayContext } from '../gateway-env.ts'
import type { House } from '../house.ts'
import { type Look, type Parts, Watch } from './watch.ts'

/** Seconds after which a silent connection is spoken to, so that nothing on the way ends it. */
const quietSeconds = 15

/** What is watched now: pages that show the same share their looks. */
export class Live {
  readonly #house: House
  readonly #watches = new Map<string, Watch>()

  constructor(house: House) {
    this.#house = house
  }

  /**
   * Server-sent events with the parts of a page that changed, until the browser leaves or nothing will change any more.
   * @param key what tells pages apart that show something else
   */
  answer(c: GatewayContext, key: string, look: Look): Response {
    const watch = this.#watches.get(key) ?? new Watch(look, (error) => this.#house.report(error))
    this.#watches.set(key, watch)
    return streamSSE(c, async (stream) => {
      const left = new AbortController()
      stream.onAbort(() => left.abort())
      const signal = AbortSignal.any([left.signal, this.#house.closing, c.req.raw.signal])
      const { promise: over, resolve: end } = Promise.withResolvers<void>()
      let telling = Promise.resolve()
      const tell = (parts: Parts, isOver: boolean): void => {
        telling = telling.then(() => stream.writeSSE({ event: 'parts', data: JSON.stringify(parts) }))
        if (isOver) telling = telling.then(() => stream.writeSSE({ event: 'over', data: '' })).finally(end)
      }
      const timer = setInterval(() => void stream.write(': still here\n\n'), quietSeconds * 1000)
      signal.addEventListener('abort', () => end(), { once: true })
      watch.follow(tell, signal)
      await over
      clearInterval(timer)
      left.abort()
      if (!watch.isWatched) this.#watches.delete(key)
    })
  }
}
