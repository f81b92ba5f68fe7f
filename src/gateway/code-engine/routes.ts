import { Hono } from 'hono'
import { RemoteJobError } from '../../errors.ts'
import { checkQueueName } from '../../protocol/names.ts'
import type { GatewayEnv } from '../gateway-env.ts'
import type { House } from '../house.ts'
import { addJobRuns } from './job-runs.ts'
import { addJobs } from './jobs.ts'
import { addConfigMaps } from './config-maps.ts'
import { addSecrets } from './secrets.ts'

/**
 * The routes of a project in version 2 of IBM Code Engine's API that are about jobs, and about what jobs refer to.
 * @throws RemoteJobError `INVALID_ARGUMENT`
 */
export function codeEngineRoutes(house: House): Hono<GatewayEnv> {
  for (const [id, queue] of Object.entries(house.options.projects ?? {})) expectQueue(id, queue)
  const app = new Hono<GatewayEnv>()
  addJobs(app, house)
  addJobRuns(app, house)
  addConfigMaps(app, house)
  addSecrets(app, house)
  return app
}

function expectQueue(project: string, queue: unknown): void {
  try {
    checkQueueName(queue, undefined)
  } catch (error) {
    if (!(error instanceof RemoteJobError)) throw error
    throw new RemoteJobError('INVALID_ARGUMENT', `The project ${project}: ${error.message}`, { cause: error })
  }
}
