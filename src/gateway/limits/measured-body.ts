import type { GatewayContext } from '../gateway-env.ts'
import { Problem } from '../problem.ts'

/** What is known of a body while it is read. */
export interface Measure {
  /** Most bytes, now: a route that stores what it gets allows more than one that reads it whole. */
  most: number
  /** The most that it can be made. */
  readonly largest: number
  /** Whether it was too large. */
  isExceeded: boolean
  /** Told of every piece that came. */
  readonly onBytes: () => void
  /** Told before the first of them is waited for. */
  readonly onStart?: (() => void) | undefined
}

/** The same body, which breaks off with 413 when it is too large. Nothing is read ahead. */
export function measuredBody(body: ReadableStream<Uint8Array>, measure: Measure): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  let size = 0
  let hasStarted = false
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (!hasStarted) measure.onStart?.()
        hasStarted = true
        const { done, value } = await reader.read()
        if (done) return controller.close()
        size += value.byteLength
        measure.onBytes()
        if (size <= measure.most) return controller.enqueue(value)
        measure.isExceeded = true
        const problem = tooLarge(measure.most)
        await reader.cancel(problem).catch(() => {})
        throw problem
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}

/** A refusal of a body by its size. */
export function tooLarge(most: number): Problem {
  return new Problem(413, `The body is larger than ${most} bytes`)
}

/** The size that a request says its body has; `undefined` where it does not, and `NaN` where it says nonsense. */
export function declaredSize(c: GatewayContext): number | undefined {
  const length = c.req.header('Content-Length')
  if (length === undefined || c.req.header('Transfer-Encoding') !== undefined) return undefined
  return /^\d+$/.test(length) ? Number(length) : NaN
}
