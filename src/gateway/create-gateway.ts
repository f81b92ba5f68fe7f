import { OpenAPIHono } from '@hono/zod-openapi'
import { HTTPException } from 'hono/http-exception'
import { checkBoolean } from '../options.ts'
import { pathBelow } from './base-path.ts'
import { codeEngineAnswer } from './code-engine/error-answer.ts'
import { codeEngineRoutes } from './code-engine/routes.ts'
import { entrance } from './entrance.ts'
import type { Connection, GatewayContext, GatewayEnv } from './gateway-env.ts'
import type { GatewayOptions } from './gateway-options.ts'
import { type CloseOptions, type House, houseOf } from './house.ts'
import { lookAfter } from './look-after.ts'
import { onlyErrors } from './only-errors.ts'
import { page } from './page/page.ts'
import { Problem } from './problem.ts'
import { jobdRoutes } from './jobd/routes.ts'
import { problemOf } from './problem-of.ts'
import { slimFaasRoutes } from './slimfaas/routes.ts'
import { SlimFaas } from './slimfaas/slimfaas.ts'
import { describeItself } from './v1/openapi.ts'
import { v1Routes } from './v1/routes.ts'

/** A request to its answer. It never rejects. */
export interface Gateway extends AsyncDisposable {
  /** @param connection where the request came from, for whoever has a socket to tell of */
  (request: Request, connection?: Connection): Promise<Response>
  /**
   * Does beforehand what the first requests would wait for: stores the jobs of the option `slimFaas`.
   * @throws RemoteJobError what is wrong with them, or with the place where they are stored
   */
  ready(): Promise<void>
  /** Ends what waits, lets the other requests end, and lets go of the queues. */
  close(options?: CloseOptions): Promise<void>
}

/**
 * Jobs over HTTP: a handler of web-standard requests, for any server that has such.
 * @throws RemoteJobError `INVALID_ARGUMENT`
 */
export function createGateway(options: GatewayOptions = {}): Gateway {
  checkBoolean('scheduler', options.scheduler)
  const house = houseOf(options)
  const app = routes(house)
  const slimFaas = new SlimFaas(house)
  slimFaasRoutes(app, slimFaas)
  if (options.scheduler) void lookAfter(house)
  const handle = async (request: Request, connection: Connection = {}): Promise<Response> =>
    app.fetch(request, connection)
  const close = (how?: CloseOptions): Promise<void> => house.close(how)
  return Object.assign(handle, { ready: () => slimFaas.ready(), close, [Symbol.asyncDispose]: () => close() })
}

function routes(house: House): OpenAPIHono<GatewayEnv> {
  const app = new OpenAPIHono<GatewayEnv>({ getPath: pathBelow(house.at('')) })
  app.onError((error, c) => answerTo(error, c, house))
  app.notFound((c) => told(c, new Problem(404, `There is nothing at ${c.req.method} ${new URL(c.req.url).pathname}`)))
  app.use(onlyErrors)
  entrance(app, house)
  app.route('/', v1Routes(house))
  app.route('/v2/projects/:project', codeEngineRoutes(house))
  app.route('/', jobdRoutes(house))
  describeItself(app, house)
  app.route('/', page(house))
  return app
}

function answerTo(error: Error, c: GatewayContext, house: House): Response {
  // Whoever went away is told nothing any more.
  if (c.req.raw.signal.aborted) return new Response(null, { status: 499 })
  if (error instanceof HTTPException) return told(c, inOwnWords(error))
  const problem = problemOf(error)
  // A refusal that we thought of ourselves is no news.
  const isNews = !(error instanceof Problem) || error.cause !== undefined
  if (isNews && (!problem || problem.status >= 500)) house.report(error)
  return told(c, problem ?? new Problem(500, 'Something went wrong inside: whoever runs the gateway can look it up'))
}

/** What the router refuses before a route is asked: bodies of JSON that are none. */
function inOwnWords({ status, message }: HTTPException): Problem {
  if (status === 415) return new Problem(415, 'Send the body as JSON, with Content-Type: application/json')
  if (status === 400 && message.startsWith('Malformed JSON'))
    return new Problem(400, 'body: expected JSON, and it cannot be read as such', { code: 'INVALID_ARGUMENT' })
  return new Problem(status, message)
}

/** A refusal, in the form that the callers of that path read. */
function told(c: GatewayContext, problem: Problem): Response {
  return c.req.path.startsWith('/v2/') ? codeEngineAnswer(problem) : problem.toResponse()
}
