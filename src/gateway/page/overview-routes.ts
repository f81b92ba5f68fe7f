import type { Hono } from 'hono'
import { html } from 'hono/html'
import { expectScope } from '../caller.ts'
import type { GatewayContext, GatewayEnv } from '../gateway-env.ts'
import type { House } from '../house.ts'
import { pageAnswer } from './layout.ts'
import type { Live } from './live.ts'
import { overview } from './overview.ts'
import { partOf, textsOf } from './part-text.ts'

/** The start: all queues. */
export function overviewRoutes(app: Hono<GatewayEnv>, house: House, live: Live): void {
  app.get('/', async (c) => {
    expectKnown(c)
    const after = c.req.query('after')
    const queues = await overview(house, { caller: c.var.caller, after })
    const query = after === undefined ? '' : `?after=${encodeURIComponent(after)}`
    return pageAnswer(c, {
      title: 'Queues',
      content: html`<h1>Queues</h1>
        ${partOf('queues', queues)}`,
      live: `ui/live${query}`,
    })
  })

  app.get('/ui/live', (c) => {
    expectKnown(c)
    const { caller } = c.var
    const after = c.req.query('after')
    return live.answer(c, JSON.stringify(['queues', caller.name, after]), async () => ({
      parts: await textsOf({ queues: await overview(house, { caller, after }) }),
      isOver: false,
    }))
  })
}

/** Whoever may look at some queues sees those; who did not say who they are is asked to. */
function expectKnown(c: GatewayContext): void {
  if (c.var.caller.name === undefined) expectScope(c, 'read')
}
