import type { Hono } from 'hono'
import { html } from 'hono/html'
import { expectScope } from '../caller.ts'
import type { GatewayEnv } from '../gateway-env.ts'
import type { House } from '../house.ts'
import { deadLetterList, markOf } from './dead-letters.ts'
import { pageAnswer } from './layout.ts'
import { noticeOf, saying } from './notices.ts'
import { deadPath } from './paths.ts'
import { crumbsOf, queueHead } from './tabs.ts'

const path = '/ui/queues/:queue/dead'

/** A queue's dead letters, and their way back. */
export function deadRoutes(app: Hono<GatewayEnv>, house: House): void {
  app.get(path, async (c) => {
    const name = c.req.param('queue')
    expectScope(c, 'read', name)
    const { queue } = await house.queues.get(name)
    const mayRedrive = c.var.caller.may('admin', name)
    return pageAnswer(c, {
      title: `Dead letters of ${name}`,
      crumbs: crumbsOf(name).slice(0, 1),
      content: html`${queueHead(name, 'Dead letters')} ${await deadLetterList(queue, mayRedrive, c.req.raw.signal)}`,
      notice: noticeOf(c.req.query('done')),
    })
  })

  app.post(path, async (c) => {
    const name = c.req.param('queue')
    expectScope(c, 'admin', name)
    const { queue } = await house.queues.get(name)
    const { all, letter } = await c.req.parseBody()
    const redriven = await queue.redrive({ where: (one) => all === 'yes' || markOf(one) === letter })
    return saying(c, deadPath(name), redriven.length > 0 ? 'redriven' : 'gone')
  })
}
