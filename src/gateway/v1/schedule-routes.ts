import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Schedule as Known } from '../../cron/schedule.ts'
import type { ScheduleChanges } from '../../cron/schedule-options.ts'
import { expectScope } from '../caller.ts'
import { jsonUnlessKnown } from '../conditional.ts'
import type { GatewayEnv } from '../gateway-env.ts'
import type { House } from '../house.ts'
import { Problem } from '../problem.ts'
import { missedPolicies } from '../../protocol/schedules.ts'
import { Instant, jsonAnswer, jsonBody, JsonMembers, refusals, unchanged } from './describe.ts'
import { checkMetadata, QueueParameters } from './job-schemas.ts'

const ScheduleParameters = QueueParameters.extend({
  name: z
    .string()
    .max(63)
    .openapi({ param: { name: 'name', in: 'path' } }),
})

const TickOptions = z
  .strictObject({ attempts: z.int(), timeoutSeconds: z.int(), expiresSeconds: z.int(), group: z.string() })
  .partial()

const changes = {
  cron: z.string().max(1000).openapi({ example: '0 3 * * *' }),
  timeZone: z.string().max(100).optional().openapi({ example: 'Europe/Zurich' }),
  missed: z.enum(missedPolicies).optional(),
  metadata: JsonMembers.optional().openapi({ description: 'Of each job that is made' }),
  body: z.string().max(65_536).optional().openapi({ description: 'The input of each job that is made, as text' }),
  options: TickOptions.optional(),
} as const

const NewSchedule = z.strictObject({ name: z.string(), ...changes }).openapi('NewSchedule')
const Changes = z.strictObject({ ...changes, cron: changes.cron.optional() }).openapi('ScheduleChanges')

const Schedule = z
  .object({
    name: z.string(),
    cron: z.string(),
    timeZone: z.string(),
    missed: z.enum(missedPolicies),
    paused: z.boolean(),
    nextTick: Instant.optional(),
    metadata: JsonMembers,
    body: z.string().optional(),
    options: TickOptions,
    createdAt: Instant,
    updatedAt: Instant,
  })
  .openapi('Schedule')

const path = '/v1/queues/{queue}/schedules'

const listRoute = createRoute({
  method: 'get',
  path,
  operationId: 'listSchedules',
  summary: 'What makes jobs again and again, by name',
  request: { params: QueueParameters },
  responses: {
    200: jsonAnswer('The schedules', z.object({ schedules: z.array(Schedule) }).openapi('Schedules')),
    304: unchanged,
    ...refusals,
  },
})

const newRoute = createRoute({
  method: 'post',
  path,
  operationId: 'createSchedule',
  summary: 'Begins a schedule',
  request: { params: QueueParameters, body: jsonBody(NewSchedule) },
  responses: { 201: jsonAnswer('The schedule', Schedule), ...refusals },
})

const getRoute = createRoute({
  method: 'get',
  path: `${path}/{name}`,
  operationId: 'getSchedule',
  summary: 'A schedule',
  request: { params: ScheduleParameters },
  responses: { 200: jsonAnswer('The schedule', Schedule), 304: unchanged, ...refusals },
})

const updateRoute = createRoute({
  method: 'patch',
  path: `${path}/{name}`,
  operationId: 'updateSchedule',
  summary: 'Changes a schedule',
  request: { params: ScheduleParameters, body: jsonBody(Changes) },
  responses: { 200: jsonAnswer('The schedule', Schedule), ...refusals },
})

const deleteRoute = createRoute({
  method: 'delete',
  path: `${path}/{name}`,
  operationId: 'deleteSchedule',
  summary: 'Ends a schedule: no tick after this begins a job',
  request: { params: ScheduleParameters },
  responses: { 204: { description: 'It is gone' }, ...refusals },
})

const restRoute = (verb: 'pause' | 'resume', summary: string) =>
  createRoute({
    method: 'post',
    path: `${path}/{name}/${verb}`,
    operationId: `${verb}Schedule`,
    summary,
    request: { params: ScheduleParameters },
    responses: { 200: jsonAnswer('The schedule', Schedule), ...refusals },
  })

/** Schedules of a queue. */
export function scheduleRoutes(app: OpenAPIHono<GatewayEnv>, house: House): void {
  app.openapi(listRoute, async (c) => {
    const { queue } = c.req.valid('param')
    expectScope(c, 'read', queue)
    const { schedules } = await house.queues.get(queue)
    const found = await Array.fromAsync(schedules.list({ signal: c.req.raw.signal }), scheduleView)
    return jsonUnlessKnown(c, { schedules: found })
  })

  app.openapi(newRoute, async (c) => {
    const { queue } = c.req.valid('param')
    expectScope(c, 'admin', queue)
    const { name, cron, ...given } = c.req.valid('json')
    const { schedules } = await house.queues.get(queue)
    const made = await schedules.create({ ...changesFrom(given), name, cron }, { signal: c.req.raw.signal })
    return c.json(scheduleView(made), 201, { Location: house.at(`/v1/queues/${queue}/schedules/${name}`) })
  })

  app.openapi(getRoute, async (c) => {
    const { queue, name } = c.req.valid('param')
    expectScope(c, 'read', queue)
    const { schedules } = await house.queues.get(queue)
    return jsonUnlessKnown(c, scheduleView(expected(name, await schedules.get(name, { signal: c.req.raw.signal }))))
  })

  app.openapi(updateRoute, async (c) => {
    const { queue, name } = c.req.valid('param')
    expectScope(c, 'admin', queue)
    const { schedules } = await house.queues.get(queue)
    const changed = await schedules.update(name, changesFrom(c.req.valid('json')), { signal: c.req.raw.signal })
    return c.json(scheduleView(changed), 200)
  })

  app.openapi(deleteRoute, async (c) => {
    const { queue, name } = c.req.valid('param')
    expectScope(c, 'admin', queue)
    const { schedules } = await house.queues.get(queue)
    if (!(await schedules.delete(name, { signal: c.req.raw.signal }))) throw noSchedule(name)
    return c.body(null, 204)
  })

  app.openapi(restRoute('pause', 'Lets a schedule rest'), async (c) => {
    const { queue, name } = c.req.valid('param')
    expectScope(c, 'admin', queue)
    const { schedules } = await house.queues.get(queue)
    await schedules.pause(name, { signal: c.req.raw.signal })
    return c.json(scheduleView(expected(name, await schedules.get(name))), 200)
  })

  app.openapi(restRoute('resume', 'Lets a schedule go on'), async (c) => {
    const { queue, name } = c.req.valid('param')
    expectScope(c, 'admin', queue)
    const { schedules } = await house.queues.get(queue)
    await schedules.resume(name, { signal: c.req.raw.signal })
    return c.json(scheduleView(expected(name, await schedules.get(name))), 200)
  })
}

/** What is said of the job replaces all of it. */
function changesFrom({ metadata, body, ...given }: z.infer<typeof Changes>): ScheduleChanges {
  checkMetadata(metadata ?? {})
  return metadata === undefined && body === undefined ? given : { ...given, job: { ...metadata, body } }
}

function expected(name: string, schedule: Known | undefined): Known {
  if (schedule) return schedule
  throw noSchedule(name)
}

function noSchedule(name: string): Problem {
  return new Problem(404, `There is no schedule ${JSON.stringify(name)}`, { code: 'NOT_FOUND' })
}

function scheduleView({
  metadata,
  nextTick,
  body,
  createdAt,
  updatedAt,
  options,
  ...schedule
}: Known): z.infer<typeof Schedule> {
  return {
    ...schedule,
    options: { ...options },
    metadata: { ...metadata },
    body: body?.toString(),
    nextTick: nextTick?.toISOString(),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  }
}
