import type { Hono } from 'hono'
import { hasCode } from '../../errors.ts'
import type { JsonObject } from '../../protocol/json.ts'
import type { RunRequest, RunState } from '../../runs.ts'
import { readJobRun, runRefusal } from '../../runs/vocabularies/code-engine-job.ts'
import { writeJobRun } from '../../runs/vocabularies/code-engine-run.ts'
import type { Place } from '../../runs/vocabularies/document.ts'
import type { GatewayContext, GatewayEnv } from '../gateway-env.ts'
import type { House } from '../house.ts'
import { expectMayRun } from '../may-run.ts'
import { computedVariables } from './computed-variables.ts'
import { jsonBody, mostDefinitionBytes } from './json-body.ts'
import { missing } from './missing.ts'
import { pageAnswer, pageWanted } from './paging.ts'
import { type Project, projectOf } from './project.ts'
import { resourceMembers } from './resource.ts'

/** The routes of job runs. */
export function addJobRuns(app: Hono<GatewayEnv>, house: House): void {
  app.post('/job_runs', async (c) => {
    const project = await projectOf(c, house, 'submit')
    const place = await jsonBody(c, mostDefinitionBytes)
    const request = requestFrom(place)
    await expectMayRun(c, project.queue, request, {
      job: async () => (await project.runs.jobs.get(request.job ?? ''))?.definition,
      inWords: (error) => runRefusal(place, error),
    })
    // As with jobs: what a run refers to is looked up when it runs.
    const name = await project.runs.submit(request, { force: true }).catch((error: unknown) => {
      throw runRefusal(place, error)
    })
    return shownNow(c, project, name, 202)
  })
  app.get('/job_runs', async (c) => {
    const project = await projectOf(c, house, 'read')
    const wanted = pageWanted(c, 'job_runs')
    const job = c.req.query('job_name') || undefined
    const { runs, next } = await project.runs.page({ ...wanted, job })
    const items = runs.map((run) => shown(project, run))
    return pageAnswer(c, project, 'job_runs', { wanted, items, next })
  })
  app.get('/job_runs/:name', async (c) => shownNow(c, await projectOf(c, house, 'read'), c.req.param('name'), 200))
  app.delete('/job_runs/:name', async (c) => {
    const { runs } = await projectOf(c, house, 'admin')
    const name = c.req.param('name')
    if (!(await runs.delete(name))) throw missing('job run', name)
    return c.body(null, 202)
  })
}

/** @throws DocumentError */
function requestFrom(place: Place): RunRequest {
  const { runName, jobName, overrides } = readJobRun(place)
  if (jobName !== undefined) return { ...overrides, job: jobName, runName }
  const { name: _, ...own } = overrides
  return {
    ...own,
    name: runName ?? place.needed('name', 'the run’s name, where there is no `job_name`').text(),
    runName,
  }
}

/** @throws Problem 404, also for one whose time to live is over */
async function shownNow(c: GatewayContext, project: Project, name: string, status: 200 | 202): Promise<Response> {
  const run = await project.runs.get(name).catch((error: unknown) => {
    if (!hasCode(error, 'RESULT_EXPIRED')) throw error
  })
  if (!run) throw missing('job run', name)
  // Who brings work and may not look at it learns no values of the job's variables.
  const hidden = c.var.caller.may('read', project.queue) ? {} : { run_env_variables: [] }
  return c.json({ ...shown(project, run), ...hidden }, status, { 'Cache-Control': 'no-store' })
}

function shown(project: Project, run: RunState): JsonObject {
  const { job_name: _, ...written } = writeJobRun(run)
  const { name, job, submittedAt: createdAt, definition } = run
  return {
    run_service_account: 'default',
    ...written,
    // Of a run with a definition of its own there is no job to be found.
    ...(job === undefined ? {} : { job_name: job }),
    ...resourceMembers(project, 'job_runs', { name, createdAt }),
    computed_env_variables: computedVariables(definition, { CE_JOBRUN: name, CE_SUBDOMAIN: project.queue }),
  }
}
