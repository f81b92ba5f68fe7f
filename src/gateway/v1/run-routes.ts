import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { hasCode } from '../../errors.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import { NothingFailedError, redefine } from '../../runs/arrays/resubmit-run.ts'
import { expectRun } from '../../runs/arrays/run-record.ts'
import { definitionOf, type RunRequest } from '../../runs/run-request.ts'
import type { Runs } from '../../runs/runs.ts'
import { expectScope } from '../caller.ts'
import { jsonUnlessKnown } from '../conditional.ts'
import type { GatewayContext, GatewayEnv } from '../gateway-env.ts'
import type { House } from '../house.ts'
import { Problem } from '../problem.ts'
import { cursorAt, readCursor } from './cursor.ts'
import { jsonAnswer, jsonBody, refusals, unchanged } from './describe.ts'
import { WaitQuery } from './job-schemas.ts'
import { nameFromKey, runOnce } from './keyed-run.ts'
import { expectMayRun, scopeFor } from '../may-run.ts'
import { NewRun, Resubmission, Run, RunCreated, RunEvents, RunPage, RunParameters } from './run-schemas.ts'
import { runEventView, runPath, runSummaryView, runView } from './run-view.ts'
import { runsOf } from './runs-of.ts'

const KeyHeader = z.object({ 'idempotency-key': z.string().optional() })

const submitRoute = createRoute({
  method: 'post',
  path: '/v1/runs',
  operationId: 'submitRun',
  summary: 'Submits a run of a stored definition, or of one of its own',
  request: { headers: KeyHeader, body: jsonBody(NewRun) },
  responses: { 201: jsonAnswer('The run is on its way', RunCreated), ...refusals },
})

const listRoute = createRoute({
  method: 'get',
  path: '/v1/runs',
  operationId: 'listRuns',
  summary: 'The runs that can be seen, by name',
  request: {
    query: z.strictObject({
      job: z.string().max(63).optional(),
      limit: z.coerce.number().int().min(1).max(200).default(50),
      cursor: z.string().max(400).optional(),
    }),
  },
  responses: { 200: jsonAnswer('A page', RunPage), ...refusals },
})

const getRoute = createRoute({
  method: 'get',
  path: '/v1/runs/{run}',
  operationId: 'getRun',
  summary: 'Where a run is, at once or when it has ended',
  request: { params: RunParameters, query: WaitQuery },
  responses: {
    200: jsonAnswer('The run', Run),
    304: unchanged,
    ...refusals,
  },
})

const deleteRoute = createRoute({
  method: 'delete',
  path: '/v1/runs/{run}',
  operationId: 'deleteRun',
  summary: 'Ends a run and forgets it',
  request: { params: RunParameters },
  responses: { 204: { description: 'It is gone' }, ...refusals },
})

const eventsRoute = createRoute({
  method: 'get',
  path: '/v1/runs/{run}/events',
  operationId: 'listRunEvents',
  summary: 'What happened to a run and its instances, the oldest first',
  request: { params: RunParameters },
  responses: { 200: jsonAnswer('The events', RunEvents), ...refusals },
})

const restartRoute = createRoute({
  method: 'post',
  path: '/v1/runs/{run}/restart',
  operationId: 'restartRun',
  summary: 'Asks for the instances that run to be stopped and begun anew',
  request: { params: RunParameters },
  responses: {
    200: jsonAnswer('Their indexes, as 2-4,6-8', z.object({ indexes: z.string() }).openapi('Restarted')),
    ...refusals,
  },
})

const resubmitRoute = createRoute({
  method: 'post',
  path: '/v1/runs/{run}/resubmit',
  operationId: 'resubmitRun',
  summary: 'Submits a run once more, or what failed of it',
  request: { params: RunParameters, headers: KeyHeader, body: jsonBody(Resubmission) },
  responses: { 201: jsonAnswer('The new run', RunCreated), ...refusals },
})

/** Runs. */
export function runRoutes(app: OpenAPIHono<GatewayEnv>, house: House): void {
  app.openapi(submitRoute, async (c) => {
    const request = requestFrom(c.req.valid('json'))
    const { name, queue, runs } = await runsOf(house, (of) => expectScope(c, scopeFor(request), of))
    await expectMayRun(c, name, request, { job: async () => (await runs.jobs.get(request.job ?? ''))?.definition })
    const { signal } = c.req.raw
    const key = request.runName === undefined ? nameFromKey(c, name, request.job ?? request.name) : undefined
    const define = async () => ({ definition: await definitionOf(request, runs.jobs, { signal }), job: request.job })
    const run =
      key === undefined
        ? await runs.submit(request, { signal })
        : await runOnce(queue, { name: key, request }, define, signal)
    return created(c, house, run)
  })

  app.openapi(listRoute, async (c) => {
    const { job, limit, cursor } = c.req.valid('query')
    const after = readCursor(cursor)
    const { runs } = await runsOf(house, (name) => expectScope(c, 'read', name))
    const page = await runs.page({ job, limit, after, signal: c.req.raw.signal })
    return c.json({ runs: page.runs.map(runSummaryView), next: page.next && cursorAt(page.next) }, 200)
  })

  app.openapi(getRoute, async (c) => {
    const { run } = c.req.valid('param')
    const { wait } = c.req.valid('query')
    const { runs } = await runsOf(house, (name) => expectScope(c, 'read', name))
    const state =
      (wait === undefined ? undefined : await untilOver(c, house, runs, run, wait)) ??
      (await runs.get(run, { signal: c.req.raw.signal }))
    if (!state) throw noRun(run)
    return jsonUnlessKnown(c, runView(state))
  })

  app.openapi(deleteRoute, async (c) => {
    const { run } = c.req.valid('param')
    const { runs } = await runsOf(house, (name) => expectScope(c, 'admin', name))
    if (!(await runs.delete(run))) throw noRun(run)
    return c.body(null, 204)
  })

  app.openapi(eventsRoute, async (c) => {
    const { run } = c.req.valid('param')
    const { runs } = await runsOf(house, (name) => expectScope(c, 'read', name))
    return c.json({ events: (await runs.events(run, { signal: c.req.raw.signal })).map(runEventView) }, 200)
  })

  app.openapi(restartRoute, async (c) => {
    const { run } = c.req.valid('param')
    const { runs } = await runsOf(house, (name) => expectScope(c, 'admin', name))
    return c.json({ indexes: await runs.restart(run, { signal: c.req.raw.signal }) }, 200)
  })

  app.openapi(resubmitRoute, async (c) => {
    const { run } = c.req.valid('param')
    const asked = c.req.valid('json')
    const { name, queue, runs } = await runsOf(house, (of) => expectScope(c, 'submit', of))
    await expectMayRun(c, name, { ...asked, job: run }, { job: async () => (await runs.get(run))?.definition })
    const { signal } = c.req.raw
    const key = asked.runName === undefined ? nameFromKey(c, name, run) : undefined
    const define = async (w: Workspace) => {
      const earlier = await expectRun(w, run, { signal })
      return { definition: await redefine(w, earlier, asked, { signal }), job: earlier.job }
    }
    const again =
      key === undefined
        ? runs.resubmit(run, asked, { signal })
        : runOnce(queue, { name: key, request: asked }, define, signal)
    return created(c, house, await again.catch(withoutEffect))
  })
}

function created(c: GatewayContext, { at }: House, run: string) {
  const href = at(runPath(run))
  return c.json({ name: run, href }, 201, { Location: href })
}

/** A request that is right by itself, and that this run leaves nothing to do for. */
function withoutEffect(error: unknown): never {
  throw error instanceof NothingFailedError
    ? new Problem(422, error.message, { code: error.code, cause: error })
    : error
}

/** No such run. */
export function noRun(name: string): Problem {
  return new Problem(404, `There is no run "${name}"`, { code: 'NOT_FOUND' })
}

function requestFrom({ job, name, ...given }: z.infer<typeof NewRun>): RunRequest {
  if (job !== undefined && name === undefined) return { ...given, job }
  if (name !== undefined && job === undefined) return { ...given, name }
  throw new Problem(400, 'body: expected one of `job`, a stored definition, and `name`, of one of its own', {
    code: 'INVALID_ARGUMENT',
  })
}

async function untilOver(c: GatewayContext, house: House, runs: Runs, run: string, seconds: number) {
  const signal = AbortSignal.any([c.req.raw.signal, house.closing])
  try {
    return await runs.wait(run, { timeoutSeconds: seconds, signal })
  } catch (error) {
    if (hasCode(error, 'TIMED_OUT') || house.closing.aborted) return undefined
    throw error
  }
}
