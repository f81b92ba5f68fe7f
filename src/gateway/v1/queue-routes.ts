import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { type QueueOverview, queue as overviewOf } from '../../admin/queues.ts'
import type { DeadLetter as Letter } from '../../lifecycle/dead-letters.ts'
import { expectScope } from '../caller.ts'
import type { GatewayEnv } from '../gateway-env.ts'
import type { House } from '../house.ts'
import { offeredQueues } from '../offered-queues.ts'
import { placeOf } from '../place-of.ts'
import { Problem } from '../problem.ts'
import { Instant, jsonAnswer, jsonBody, refusals } from './describe.ts'
import { JobId, QueueParameters } from './job-schemas.ts'

const Overview = z
  .object({
    name: z.string(),
    waiting: z.int().openapi({ description: 'Jobs that a worker could take now' }),
    delayed: z.int().openapi({ description: 'Jobs whose delay is not over' }),
    inFlight: z.int().openapi({ description: 'Jobs in the hands of workers, or that wait for another try' }),
    dead: z.int().openapi({ description: 'Messages that no worker could end' }),
    announced: z.record(z.string(), z.int()),
    oldestSeconds: z.number().optional().openapi({ description: 'For how long the oldest job waits' }),
    isApproximate: z.boolean(),
  })
  .openapi('Queue')

const DeadLetter = z
  .object({
    id: z.string().optional().openapi({ description: 'The job; there is none in a message that is no job' }),
    reason: z.string(),
    deliveries: z.int(),
    sentAt: Instant,
    body: z.string().openapi({ description: 'The message as it was sent' }),
  })
  .openapi('DeadLetter')

const listRoute = createRoute({
  method: 'get',
  path: '/v1/queues',
  operationId: 'listQueues',
  summary: 'What the queues hold that the caller may look at',
  responses: {
    200: jsonAnswer('The queues, by name', z.object({ queues: z.array(Overview) }).openapi('Queues')),
    ...refusals,
  },
})

const getRoute = createRoute({
  method: 'get',
  path: '/v1/queues/{queue}',
  operationId: 'getQueue',
  summary: 'What a queue holds',
  request: { params: QueueParameters },
  responses: { 200: jsonAnswer('The queue', Overview), ...refusals },
})

const lettersRoute = createRoute({
  method: 'get',
  path: '/v1/queues/{queue}/dead-letters',
  operationId: 'listDeadLetters',
  summary: 'What no worker could end, and why',
  description: 'It takes a second or more, since SQS has no listing: each letter is received and given back.',
  request: {
    params: QueueParameters,
    query: z.strictObject({ limit: z.coerce.number().int().min(1).max(1000).default(100) }),
  },
  responses: {
    200: jsonAnswer(
      'The letters',
      z.object({ letters: z.array(DeadLetter), more: z.boolean() }).openapi('DeadLetters'),
    ),
    ...refusals,
  },
})

const redriveRoute = createRoute({
  method: 'post',
  path: '/v1/queues/{queue}/dead-letters/redrive',
  operationId: 'redrive',
  summary: 'Brings dead letters back, each as a new job',
  request: {
    params: QueueParameters,
    body: jsonBody(
      z
        .union([z.strictObject({ ids: z.array(JobId).min(1).max(1000) }), z.strictObject({ all: z.literal(true) })])
        .openapi('Redrive'),
    ),
  },
  responses: {
    200: jsonAnswer(
      'What was brought back',
      z
        .object({ redriven: z.array(z.object({ id: z.string().optional(), newId: z.string().optional() })) })
        .openapi('Redriven'),
    ),
    ...refusals,
  },
})

/** Queues, and what fell out of them. */
export function queueRoutes(app: OpenAPIHono<GatewayEnv>, house: House): void {
  app.openapi(listRoute, async (c) => {
    const { caller } = c.var
    // Whoever said who they are sees what they may, and be it nothing.
    if (caller.name === undefined) expectScope(c, 'read')
    const found = await offeredQueues(house, c.req.raw.signal)
    const seen = found.filter(({ name }) => caller.may('read', name))
    return c.json({ queues: seen.map(overviewView) }, 200)
  })

  app.openapi(getRoute, async (c) => {
    const { queue: name } = c.req.valid('param')
    expectScope(c, 'read', name)
    await house.queues.get(name)
    return c.json(overviewView(await overviewOf(name, { ...placeOf(house.options), signal: c.req.raw.signal })), 200)
  })

  app.openapi(lettersRoute, async (c) => {
    const { queue: name } = c.req.valid('param')
    expectScope(c, 'read', name)
    const { limit } = c.req.valid('query')
    const { queue } = await house.queues.get(name)
    const letters: Letter[] = []
    let more = false
    for await (const letter of queue.deadLetters({ signal: c.req.raw.signal })) {
      more = letters.length === limit
      if (more) break
      letters.push(letter)
    }
    return c.json({ letters: letters.map(letterView), more }, 200)
  })

  app.openapi(redriveRoute, async (c) => {
    const { queue: name } = c.req.valid('param')
    expectScope(c, 'admin', name)
    const wanted = c.req.valid('json')
    const { queue } = await house.queues.get(name)
    const which = 'ids' in wanted ? { ids: wanted.ids } : { where: () => true }
    const redriven = await queue.redrive({ ...which, signal: c.req.raw.signal })
    if ('ids' in wanted && redriven.length === 0)
      throw new Problem(404, 'None of these jobs is among the dead letters', { code: 'JOB_NOT_FOUND' })
    return c.json({ redriven: redriven.map((one) => ({ ...one })) }, 200)
  })
}

function overviewView(one: QueueOverview): z.infer<typeof Overview> {
  return { ...one, announced: { ...one.announced } }
}

function letterView({ sentAt, ...letter }: Letter): z.infer<typeof DeadLetter> {
  return { ...letter, sentAt: sentAt.toISOString() }
}
