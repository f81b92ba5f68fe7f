import { Hono, type Handler } from 'hono'
import type { GatewayContext, GatewayEnv } from '../gateway-env.ts'
import type { House } from '../house.ts'
import type { Problem } from '../problem.ts'
import { download, numberOf } from './download.ts'
import { getJob } from './get-job.ts'
import { Jobd } from './jobd.ts'
import { jobdRefusal, refusalOf } from './refusal.ts'
import { followSlurml } from './slurml-worker.ts'
import { upload } from './upload.ts'
import { uploadForm } from './upload-form.ts'

/**
 * The routes of jobd, and of its successor. Where Slurml is configured, the gateway follows its jobs from now on.
 * @throws RemoteJobError `INVALID_ARGUMENT`
 */
export function jobdRoutes(house: House): Hono<GatewayEnv> {
  const jobd = new Jobd(house)
  const app = new Hono<GatewayEnv>()
  const route = (
    handle: (c: GatewayContext, jobd: Jobd) => Promise<Response>,
    refuse: (problem: Problem, c: GatewayContext) => Response,
  ): Handler<GatewayEnv> => {
    return async (c) => {
      try {
        return await handle(c, jobd)
      } catch (error) {
        // Whoever went away is told nothing any more.
        if (c.req.raw.signal.aborted) return new Response(null, { status: 499 })
        return refuse(refusalOf(error, house), c)
      }
    }
  }
  app.post('/api/upload', route(upload, jobdRefusal))
  app.get('/api/get/:id', route(getJob, jobdRefusal))
  app.post('/upload', route(uploadForm, formRefusal))
  app.get('/download/:id', route(download, formRefusal))
  void followSlurml(jobd)
  return app
}

/** A refusal in the form of jobd's successor. */
function formRefusal({ status, message, headers }: Problem, c: GatewayContext): Response {
  const id = numberOf(c.req.param('id') ?? '')
  return Response.json(
    { id: id === '' ? 0 : id, status: 'Unknown', message },
    { status, headers: { 'Cache-Control': 'no-store', ...headers } },
  )
}
