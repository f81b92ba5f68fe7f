import type { Hono } from 'hono'
import { html } from 'hono/html'
import { queue as overviewOf } from '../../admin.ts'
import { hasCode } from '../../errors.ts'
import { isId } from '../../protocol/id.ts'
import { expectScope } from '../caller.ts'
import type { GatewayEnv } from '../gateway-env.ts'
import type { House } from '../house.ts'
import { dropForm } from './drop.ts'
import { type JobsAsked, jobsView, readJobs, statusFrom } from './jobs.ts'
import { pageAnswer } from './layout.ts'
import type { Live } from './live.ts'
import type { Markup } from './markup.ts'
import { figures } from './overview.ts'
import { partOf, textsOf } from './part-text.ts'
import { queuePath } from './paths.ts'
import { RecentJobs } from './recent-jobs.ts'
import { crumbsOf, queueHead } from './tabs.ts'

const path = '/ui/queues/:queue'

/** One queue: what it holds, its jobs, and where a file becomes one. */
export function queueRoutes(app: Hono<GatewayEnv>, house: House, live: Live): void {
  app.get(path, async (c) => {
    const name = c.req.param('queue')
    expectScope(c, 'read', name)
    const { queue } = await house.queues.get(name)
    const { signal } = c.req.raw
    const asked = askedFrom(c.req.query())
    const [holds, page] = await Promise.all([figuresOf(house, name, signal), readJobs(queue, asked, signal)])
    const isNewest = asked.status === undefined && asked.after === undefined
    return pageAnswer(c, {
      title: name,
      crumbs: crumbsOf(name).slice(0, 1),
      content: html`${queueHead(name, 'Jobs')} ${partOf('figures', holds)}
        ${c.var.caller.may('submit', name) ? dropForm(name) : ''}
        <section aria-labelledby="list">
          <h2 id="list">Jobs</h2>
          ${partOf('jobs', jobsView(name, asked, page))}
        </section>`,
      live: isNewest ? `${queuePath(name)}/live` : undefined,
    })
  })

  app.get(`${path}/live`, async (c) => {
    const name = c.req.param('queue')
    expectScope(c, 'read', name)
    const { queue } = await house.queues.get(name)
    const recent = new RecentJobs(queue)
    const asked = askedFrom({})
    return live.answer(c, JSON.stringify(['jobs', name]), async (signal) => {
      const [holds, page] = await Promise.all([figuresOf(house, name, signal), recent.look(signal)])
      return { parts: await textsOf({ figures: holds, jobs: jobsView(name, asked, page) }), isOver: false }
    })
  })
}

function askedFrom({ status, after }: Readonly<Record<string, string>>): JobsAsked {
  return { status: statusFrom(status), after: isId(after) ? after : undefined }
}

/** Not every backend can tell. */
async function figuresOf({ options }: House, name: string, signal: AbortSignal): Promise<Markup> {
  try {
    return figures(await overviewOf(name, { ...options, signal }))
  } catch (error) {
    if (hasCode(error, 'UNSUPPORTED')) return html``
    throw error
  }
}
