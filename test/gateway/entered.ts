import { Hono } from 'hono'
import { onTestFinished } from 'vitest'
import type { Gateway, GatewayOptions } from '../../src/gateway.ts'
import { entrance } from '../../src/gateway/entrance.ts'
import type { Connection, GatewayEnv } from '../../src/gateway/gateway-env.ts'
import { houseOf } from '../../src/gateway/house.ts'
import { serveGateway, type ServeOptions } from '../../src/gateway/node/serve.ts'
import { problemOf } from '../../src/gateway/problem-of.ts'

/** A gateway with the real entrance and routes of a test's own. */
export function entered(options: GatewayOptions, routes: (app: Hono<GatewayEnv>) => void) {
  const house = houseOf(options)
  const app = new Hono<GatewayEnv>()
  app.onError((error) => problemOf(error)?.toResponse() ?? new Response(null, { status: 500 }))
  entrance(app, house)
  routes(app)
  const handle = async (request: Request, connection: Connection = {}) => app.fetch(request, connection)
  const close: Gateway['close'] = (how) => house.close(how)
  const gateway = Object.assign(handle, { ready: () => Promise.resolve(), close, [Symbol.asyncDispose]: () => close() })
  return { house, gateway }
}

/** The same behind a server, until the test has finished. */
export async function served(
  options: Omit<ServeOptions, keyof GatewayOptions> & { readonly limits?: GatewayOptions['limits'] },
  routes: (app: Hono<GatewayEnv>) => void,
) {
  const { limits, ...listening } = options
  const { house, gateway } = entered({ open: true, limits }, routes)
  const front = await serveGateway(gateway, { port: 0, ...listening })
  onTestFinished(() => front.close({ timeoutSeconds: 0 }))
  return { house, front, port: Number(new URL(front.url).port) }
}
