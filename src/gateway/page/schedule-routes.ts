import type { Hono } from 'hono'
import { html } from 'hono/html'
import { expectScope } from '../caller.ts'
import type { GatewayEnv } from '../gateway-env.ts'
import type { House } from '../house.ts'
import { pageAnswer } from './layout.ts'
import { scheduleList } from './schedule-list.ts'
import { crumbsOf, queueHead } from './tabs.ts'

/** A queue's schedules. */
export function scheduleRoutes(app: Hono<GatewayEnv>, house: House): void {
  app.get('/ui/queues/:queue/schedules', async (c) => {
    const name = c.req.param('queue')
    expectScope(c, 'read', name)
    const { schedules } = await house.queues.get(name)
    return pageAnswer(c, {
      title: `Schedules of ${name}`,
      crumbs: crumbsOf(name).slice(0, 1),
      content: html`${queueHead(name, 'Schedules')} ${await scheduleList(schedules, c.req.raw.signal)}`,
    })
  })
}
