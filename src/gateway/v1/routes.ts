import type { OpenAPIHono } from '@hono/zod-openapi'
import type { GatewayEnv } from '../gateway-env.ts'
import type { House } from '../house.ts'
import { createJob } from './create-job.ts'
import { describedApp } from './describe.ts'
import { Links } from '../links.ts'
import { linkRoutes } from './link-routes.ts'
import { triggerRoutes } from './trigger-routes.ts'
import { uploadRoutes } from './upload-routes.ts'
import { fileRoutes } from './file-routes.ts'
import { jobRoutes } from './job-routes.ts'
import { logRoutes } from './log-routes.ts'
import { eventRoutes } from './event-routes.ts'
import { queueRoutes } from './queue-routes.ts'
import { definitionRoutes } from './definition-routes.ts'
import { runLogRoutes } from './run-log-routes.ts'
import { runRoutes } from './run-routes.ts'
import { scheduleRoutes } from './schedule-routes.ts'

/** All of `/v1`, described as it is checked. */
export function v1Routes(house: House): OpenAPIHono<GatewayEnv> {
  const app = describedApp()
  const links = new Links(house.options.linkSecret)
  createJob(app, house)
  jobRoutes(app, house)
  fileRoutes(app, house, links)
  linkRoutes(app, house, links)
  uploadRoutes(app, house, links)
  triggerRoutes(app, house)
  logRoutes(app, house)
  eventRoutes(app, house)
  queueRoutes(app, house)
  runRoutes(app, house)
  runLogRoutes(app, house)
  definitionRoutes(app, house)
  scheduleRoutes(app, house)
  return app
}
