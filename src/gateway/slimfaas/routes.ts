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
type Named = (c: GatewayContext, name: string) => Promise<Response>

/** SlimFaas's own routes of jobs, as its newest version has them. */
export function slimFaasRoutes(app: OpenAPIHono<GatewayEnv>, slimFaas: SlimFaas): void {
  app.post('/job/:name', (c) => named(c, (_, name) => submitJob(c, slimFaas, name)))
  app.get('/job/:name', (c) => listed(c, (_, name) => listJobs(c, slimFaas, name)))
  app.delete('/job/:name/:id', (c) => named(c, (_, name) => deleteJob(c, slimFaas, { name, id: c.req.param('id') })))
  app.all('/job/:name', () => notAllowed('GET, POST'))
  app.all('/job/:name/:id', () => notAllowed('DELETE'))
  app.post('/job-schedules/:name', (c) => named(c, (_, name) => createSchedule(c, slimFaas, name)))
  app.get('/job-schedules/:name', (c) => listed(c, (_, name) => listSchedules(c, slimFaas, name)))
  app.delete('/job-schedules/:name/:id', (c) =>
    named(c, (_, name) => deleteSchedule(c, slimFaas, { name, id: c.req.param('id') })),
  )
  app.all('/job-schedules/:name', () => notAllowed('GET, POST'))
  app.all('/job-schedules/:name/:id', () => notAllowed('DELETE'))
  for (const path of ['/jobs/status', '/status-jobs']) {
    app.get(path, (c) => jobsStatus(c, slimFaas))
    app.all(path, () => notAllowed('GET'))
  }
}

/** With the name in lower case, as SlimFaas has it; its own answer to one that is none. */
async function named(c: GatewayContext, answer: Named): Promise<Response> {
  const name = nameOf(c)
  if (!namePattern.test(name)) return c.json(nameRefusal, 400)
  if (/^[a-z0-9]/.test(name)) return answer(c, name)
  throw new Problem(400, 'The name begins with a sign: runs have names that begin with a letter or a digit')
}

/** Where SlimFaas does not look at the name, there is nothing under one that is none. */
async function listed(c: GatewayContext, answer: Named): Promise<Response> {
  const name = nameOf(c)
  return namePattern.test(name) ? answer(c, name) : c.json([])
}

const nameOf = (c: GatewayContext): string => (c.req.param('name') ?? '').toLowerCase()

function notAllowed(allow: string): never {
  throw new Problem(405, `That cannot be done there: what can is ${allow}`, { headers: { Allow: allow } })
}
