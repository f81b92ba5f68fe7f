import { Hono } from 'hono'
import type { GatewayEnv } from '../gateway-env.ts'
import type { House } from '../house.ts'
import { addJobRuns } from './job-runs.ts'
import { addJobs } from './jobs.ts'
import { addConfigMaps } from './config-maps.ts'
import { addSecrets } from './secrets.ts'

/** The routes of a project in version 2 of IBM Code Engine's API that are about jobs, and about what jobs refer to. */
export function codeEngineRoutes(house: House): Hono<GatewayEnv> {
  const app = new Hono<GatewayEnv>()
  addJobs(app, house)
  addJobRuns(app, house)
  addConfigMaps(app, house)
  addSecrets(app, house)
  return app
}
