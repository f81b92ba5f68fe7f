import type { Hono } from 'hono'
import { forEachOf } from '../../for-each-of.ts'
import { type JsonObject } from '../../protocol/json.ts'
import type { JobDefinition, StoredJob } from '../../runs.ts'
import { said } from '../../runs/definition/merge.ts'
import { readJob, writeDefinition } from '../../runs/vocabularies/code-engine-job.ts'
import { Place } from '../../runs/vocabularies/document.ts'
import type { GatewayEnv } from '../gateway-env.ts'
import type { House } from '../house.ts'
import { ifMatch, tagged } from './entity-tag.ts'
import { jsonBody, mostDefinitionBytes } from './json-body.ts'
import { mergePatch } from './merge-patch.ts'
import { missing } from './missing.ts'
import { cut, pageAnswer, pageWanted } from './paging.ts'
import { type Project, projectOf } from './project.ts'
import { resourceMembers } from './resource.ts'
import { computedVariables } from './computed-variables.ts'

/** Config maps and secrets that a job refers to may come later, as there: only Code Engine's command line looks for them. */
const force = true

/** The routes of jobs. */
export function addJobs(app: Hono<GatewayEnv>, house: House): void {
  app.post('/jobs', async (c) => {
    const project = await projectOf(c, house, 'admin')
    const definition = readJob(await jsonBody(c, mostDefinitionBytes))
    return tagged(c, shown(project, await project.runs.jobs.create(said(definition), { force })), 201)
  })
  app.get('/jobs', async (c) => {
    const project = await projectOf(c, house, 'read')
    const { jobs } = project.runs
    const wanted = pageWanted(c, 'jobs')
    const { on, next } = cut(await jobs.list(), wanted)
    const found = await forEachOf(on, 10, ({ name }) => jobs.get(name))
    const items = found.flatMap((job) => (job ? [shown(project, job)] : []))
    return pageAnswer(c, project, 'jobs', { wanted, items, next })
  })
  app.get('/jobs/:name', async (c) => {
    const project = await projectOf(c, house, 'read')
    const name = c.req.param('name')
    const job = await project.runs.jobs.get(name)
    if (!job) throw missing('job', name)
    return tagged(c, shown(project, job))
  })
  app.patch('/jobs/:name', async (c) => {
    const project = await projectOf(c, house, 'admin')
    const patch = await jsonBody(c, mostDefinitionBytes)
    // Whoever sends a list, say, would replace the whole job by it.
    patch.members()
    const change = (before: JobDefinition): JobDefinition => patched(before, patch)
    const job = await ifMatch(c, (version) => project.runs.jobs.update(c.req.param('name'), change, { force, version }))
    return tagged(c, shown(project, job))
  })
  app.delete('/jobs/:name', async (c) => {
    const { runs } = await projectOf(c, house, 'admin')
    const name = c.req.param('name')
    if (!(await runs.jobs.delete(name))) throw missing('job', name)
    return c.body(null, 202)
  })
}

function shown(project: Project, job: StoredJob): JsonObject & { readonly entity_tag: string } {
  return {
    // What its SDKs need to be there; a job without an image is a process of the worker's machine.
    image_reference: '',
    run_service_account: 'default',
    ...writeDefinition(job.definition),
    name: job.name,
    ...resourceMembers(project, 'jobs', job),
    resource_type: 'job_v2',
    computed_env_variables: computedVariables(job.definition, { CE_SUBDOMAIN: project.queue }),
    entity_tag: String(job.version),
  }
}

/** @throws DocumentError */
function patched(before: JobDefinition, patch: Place): JobDefinition {
  const isDaemon = patch.member('run_mode')?.value === 'daemon'
  // A daemon has none: those of the task that it was are not said again.
  const limits = isDaemon ? ['scale_retry_limit', 'scale_max_execution_time'] : []
  const kept = Object.entries(writeDefinition(before)).filter(([member]) => !limits.includes(member))
  const name = patch.member('name')
  if (name && name.value !== before.name) throw name.refusal(`"${before.name}", since a job keeps its name`, 'another')
  return readJob(new Place(mergePatch({ ...Object.fromEntries(kept), name: before.name }, patch.value)))
}
