import type { Hono } from 'hono'
import { html } from 'hono/html'
import type { Schedules } from '../../cron.ts'
import { hasCode } from '../../errors.ts'
import { expectScope } from '../caller.ts'
import type { GatewayEnv } from '../gateway-env.ts'
import type { House } from '../house.ts'
import { Problem } from '../problem.ts'
import { pageAnswer } from './layout.ts'
import { type Notice, noticeOf, saying } from './notices.ts'
import { schedulesPath } from './paths.ts'
import { scheduleList } from './schedule-list.ts'
import { crumbsOf, queueHead } from './tabs.ts'

const path = '/ui/queues/:queue/schedules'

/** A queue's schedules: looked at, paused, resumed, deleted. */
export function scheduleRoutes(app: Hono<GatewayEnv>, house: House): void {
  app.get(path, async (c) => {
    const name = c.req.param('queue')
    expectScope(c, 'read', name)
    const { schedules } = await house.queues.get(name)
    const list = await scheduleList(name, schedules, c.var.caller.may('admin', name), c.req.raw.signal)
    return pageAnswer(c, {
      title: `Schedules of ${name}`,
      crumbs: crumbsOf(name).slice(0, 1),
      content: html`${queueHead(name, 'Schedules')} ${list}`,
      notice: noticeOf(c.req.query('done')),
    })
  })

  app.post(path, async (c) => {
    const queue = c.req.param('queue')
    expectScope(c, 'admin', queue)
    const { schedules } = await house.queues.get(queue)
    const { name, deed } = await c.req.parseBody()
    return saying(c, schedulesPath(queue), await done(schedules, typeof name === 'string' ? name : '', deed))
  })
}

async function done(schedules: Schedules, name: string, deed: unknown): Promise<Notice> {
  try {
    switch (deed) {
      case 'pause':
        await schedules.pause(name)
        return 'paused'
      case 'resume':
        await schedules.resume(name)
        return 'resumed'
      case 'delete':
        return (await schedules.delete(name)) ? 'unscheduled' : 'noSchedule'
      default:
        throw new Problem(400, 'A schedule can be paused, resumed or deleted')
    }
  } catch (error) {
    if (hasCode(error, 'NOT_FOUND')) return 'noSchedule'
    throw error
  }
}
