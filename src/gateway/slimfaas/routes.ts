import type { OpenAPIHono } from '@hono/zod-openapi'
import type { GatewayContext, GatewayEnv } from '../gateway-env.ts'
import { Problem } from '../problem.ts'
import { deleteJob } from './delete-job.ts'
import { namePattern, nameRefusal } from './job-names.ts'
import { createSchedule, deleteSchedule, listSchedules } from './job-schedules.ts'
import { jobsStatus } from './jobs-status.ts'
import { listJobs } from './list-jobs.ts'
import type { SlimFaas } from './slimfaas.ts'
import { submitJob } from './submit-job.ts'

/** A request for a job, with its name. */
type Named = (name: string) => Promise<Response>

/** SlimFaas's own routes of jobs, as its newest version has them: a path may end in a slash, as its server has it. */
export function slimFaasRoutes(app: OpenAPIHono<GatewayEnv>, slimFaas: SlimFaas): void {
  for (const end of ['', '/']) {
    jobRoutes(app, slimFaas, end)
    scheduleRoutes(app, slimFaas, end)
    for (const path of [`/jobs/status${end}`, `/status-jobs${end}`]) {
      app.get(path, (c) => jobsStatus(c, slimFaas))
      app.all(path, () => notAllowed('GET'))
    }
  }
}

function jobRoutes(app: OpenAPIHono<GatewayEnv>, slimFaas: SlimFaas, end: string): void {
  const [all, one] = [`/job/:name${end}`, `/job/:name/:id${end}`]
  app.post(all, (c) => named(c, (name) => submitJob(c, slimFaas, name)))
  app.get(all, (c) => listed(c, (name) => listJobs(c, slimFaas, name)))
  app.delete(one, (c) => named(c, (name) => deleteJob(c, slimFaas, { name, id: idOf(c) })))
  app.all(all, () => notAllowed('GET, POST'))
  app.all(one, () => notAllowed('DELETE'))
}

function scheduleRoutes(app: OpenAPIHono<GatewayEnv>, slimFaas: SlimFaas, end: string): void {
  const [all, one] = [`/job-schedules/:name${end}`, `/job-schedules/:name/:id${end}`]
  app.post(all, (c) => named(c, (name) => createSchedule(c, slimFaas, name)))
  app.get(all, (c) => listed(c, (name) => listSchedules(c, slimFaas, name)))
  app.delete(one, (c) => named(c, (name) => deleteSchedule(c, slimFaas, { name, id: idOf(c) })))
  app.all(all, () => notAllowed('GET, POST'))
  app.all(one, () => notAllowed('DELETE'))
}

/** With the name in lower case, as SlimFaas has it; its own answer to one that is none. */
async function named(c: GatewayContext, answer: Named): Promise<Response> {
  const name = nameOf(c)
  if (!namePattern.test(name)) return c.json(nameRefusal, 400)
  if (/^[a-z0-9]/.test(name)) return answer(name)
  throw new Problem(400, 'The name begins with a sign: runs have names that begin with a letter or a digit')
}

/** Where SlimFaas does not look at the name, there is nothing under one that is none. */
async function listed(c: GatewayContext, answer: Named): Promise<Response> {
  const name = nameOf(c)
  return namePattern.test(name) ? answer(name) : c.json([])
}

const nameOf = (c: GatewayContext): string => (c.req.param('name') ?? '').toLowerCase()
const idOf = (c: GatewayContext): string => (c.req.param('id') ?? '').toLowerCase()

function notAllowed(allow: string): never {
  throw new Problem(405, `That cannot be done there: what can is ${allow}`, { headers: { Allow: allow } })
}
