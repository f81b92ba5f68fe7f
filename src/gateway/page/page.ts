import { Hono } from 'hono'
import type { GatewayEnv } from '../gateway-env.ts'
import type { House } from '../house.ts'
import { Problem } from '../problem.ts'
import { deadRoutes } from './dead-routes.ts'
import { jobRoutes } from './job-routes.ts'
import { Live } from './live.ts'
import { overviewRoutes } from './overview-routes.ts'
import { queueRoutes } from './queue-routes.ts'
import { runRoutes } from './run-routes.ts'
import { scheduleRoutes } from './schedule-routes.ts'
import { secure } from './secure.ts'
import { icon, script, style } from './static-files.ts'
import { troubleAnswer } from './trouble.ts'

/** What browsers see: HTML that is made here, one script and one stylesheet. */
export function page(house: House): Hono<GatewayEnv> {
  const app = new Hono<GatewayEnv>()
  app.onError((error, c) => troubleAnswer(error, c, house))
  const start = house.at('/')
  for (const path of ['/', '/ui/*'])
    app.use(path, secure, async (c, next) => {
      c.set('start', start)
      await next()
    })
  const live = new Live(house)
  staticRoutes(app)
  overviewRoutes(app, house, live)
  queueRoutes(app, house, live)
  jobRoutes(app, house, live)
  runRoutes(app, house, live)
  scheduleRoutes(app, house)
  deadRoutes(app, house)
  app.all('/ui/*', (c) => {
    throw new Problem(404, `There is nothing at ${new URL(c.req.url).pathname}`)
  })
  return app
}

/** Their URLs have their contents' hashes in them, so they are fetched once. */
function staticRoutes(app: Hono<GatewayEnv>): void {
  for (const { path, contentType, content } of [script, style, icon])
    app.get(`/${path}`, (c) =>
      c.body(content, 200, { 'Content-Type': contentType, 'Cache-Control': 'public, max-age=31536000, immutable' }),
    )
  // Browsers ask for it beside a file that they show by themselves.
  app.get('/favicon.ico', (c) => c.redirect(icon.path, 302))
}
