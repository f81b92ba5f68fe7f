import type { Hono } from 'hono'
import { html } from 'hono/html'
import type { JobDetails } from '../../lifecycle/inspect.ts'
import type { Queue } from '../../queue.ts'
import { expectScope } from '../caller.ts'
import type { GatewayContext, GatewayEnv } from '../gateway-env.ts'
import type { House } from '../house.ts'
import { Problem } from '../problem.ts'
import { jobInput, type JobRights, jobParts } from './job.ts'
import { pageAnswer } from './layout.ts'
import type { Live } from './live.ts'
import { noticeOf, saying } from './notices.ts'
import { partOf, textsOf } from './part-text.ts'
import { jobPath } from './paths.ts'
import { crumbsOf } from './tabs.ts'

const path = '/ui/queues/:queue/jobs/:id'

/** One job: looked at, cancelled, tried again. */
export function jobRoutes(app: Hono<GatewayEnv>, house: House, live: Live): void {
  app.get(path, async (c) => {
    const { queue, details } = await find(c, house)
    const parts = await jobParts(queue, details, rightsOf(c, queue.name), c.req.raw.signal)
    return pageAnswer(c, {
      title: `Job ${details.id}`,
      crumbs: crumbsOf(queue.name),
      content: await jobContent(queue.name, details, parts),
      live: isEnded(details) ? undefined : `${jobPath(queue.name, details.id)}/live`,
      notice: noticeOf(c.req.query('done')),
    })
  })

  app.get(`${path}/live`, async (c) => {
    const { queue, id } = await opened(c, house)
    const rights = rightsOf(c, queue.name)
    return live.answer(c, JSON.stringify(['job', queue.name, id, rights]), async (signal) => {
      const details = await expectJob(queue, id, signal)
      return { parts: await textsOf(await jobParts(queue, details, rights, signal)), isOver: isEnded(details) }
    })
  })

  app.post(`${path}/cancel`, async (c) => {
    const { queue, id } = await opened(c, house, 'submit')
    const isCancelled = await queue.cancel(id)
    return saying(c, jobPath(queue.name, id), isCancelled ? 'cancelled' : 'ended')
  })

  app.post(`${path}/retry`, async (c) => {
    const { queue, id } = await opened(c, house, 'submit')
    const again = await queue.retry(id)
    return saying(c, jobPath(queue.name, again.id), 'retried')
  })
}

const isEnded = ({ status }: JobDetails): boolean => status !== 'pending' && status !== 'active'

function rightsOf({ var: { caller } }: GatewayContext, queue: string): JobRights {
  return { maySubmit: caller.may('submit', queue) }
}

async function opened(
  c: GatewayContext,
  house: House,
  scope: 'read' | 'submit' = 'read',
): Promise<{ readonly queue: Queue; readonly id: string }> {
  const { queue: name = '', id = '' } = c.req.param()
  expectScope(c, scope, name)
  const { queue } = await house.queues.get(name)
  return { queue, id }
}

async function find(c: GatewayContext, house: House): Promise<{ readonly queue: Queue; readonly details: JobDetails }> {
  const { queue, id } = await opened(c, house)
  return { queue, details: await expectJob(queue, id, c.req.raw.signal) }
}

async function expectJob(queue: Queue, id: string, signal: AbortSignal): Promise<JobDetails> {
  const details = await queue.inspect(id, { signal })
  if (details) return details
  throw new Problem(404, `There is no job "${id}" in the queue "${queue.name}"`)
}

async function jobContent(
  queue: string,
  details: JobDetails,
  { standing, deeds, outcome, log }: Awaited<ReturnType<typeof jobParts>>,
): Promise<ReturnType<typeof html>> {
  return html`<div class="head">
      <h1>Job <bdi class="id">${details.id}</bdi></h1>
      <div class="deeds" id="deeds">${deeds}</div>
    </div>
    ${partOf('standing', standing)} ${partOf('outcome', outcome)}
    <section aria-labelledby="printed">
      <h2 id="printed">Log</h2>
      ${partOf('log', log)}
    </section>
    ${await jobInput(queue, details)}`
}
