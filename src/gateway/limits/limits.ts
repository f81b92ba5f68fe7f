import type { Hono, MiddlewareHandler, Next } from 'hono'
import type { GatewayContext, GatewayEnv } from '../gateway-env.ts'
import { Problem } from '../problem.ts'
import type { Crowd } from './crowd.ts'
import { limitBody } from './limit-body.ts'
import { limitKey } from './limit-key.ts'
import type { Limits } from './limit-options.ts'
import { Rate } from './rate.ts'

/** Seconds that requests are counted over: so a page that loads many things at once is not too fast. */
const window = 10

/** Counts who is inside. It goes before all else. */
export function countRequests(crowd: Crowd): MiddlewareHandler<GatewayEnv> {
  return async (c, next) => {
    await stay(c, crowd.enter(), next)
  }
}

/** Holds callers to the limits, once it is known who they are. */
export function limitCallers(app: Hono<GatewayEnv>, crowd: Crowd, limits: Limits): void {
  const rate = new Rate(limits.requestsPerSecond * window, window)
  app.use(async (c, next) => {
    const key = limitKey(c)
    await rate.count(key)
    await stay(c, crowd.enterAs(key), next)
  })
  app.use(limitWait(limits.answerSeconds))
  app.use(limitBody(limits))
}

/** Goes on, and leaves when the last byte of the answer is sent; where nobody tells of that, when there is an answer. */
async function stay(c: GatewayContext, leave: () => void, next: Next): Promise<void> {
  const { ended } = c.env
  if (ended) void ended.then(leave, leave)
  try {
    await next()
  } finally {
    if (!ended) leave()
  }
}

/** What hangs is answered all the same. */
function limitWait(seconds: number): MiddlewareHandler<GatewayEnv> {
  return async (c, next) => {
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => late.reject(tooLate()), seconds * 1000)
    c.set('onProgress', () => timer.refresh())
    try {
      await Promise.race([next(), late.promise])
    } finally {
      clearTimeout(timer)
    }
  }
}

function tooLate(): Problem {
  return new Problem(504, 'That took too long: try again')
}
