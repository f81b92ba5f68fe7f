import type { Hono } from 'hono'
import { html } from 'hono/html'
import type { RunState } from '../../runs.ts'
import { expectScope, type Scope } from '../caller.ts'
import type { GatewayContext, GatewayEnv } from '../gateway-env.ts'
import type { House } from '../house.ts'
import type { OpenQueue } from '../open-queues.ts'
import { Problem } from '../problem.ts'
import { pageAnswer } from './layout.ts'
import type { Live } from './live.ts'
import { noticeOf, saying } from './notices.ts'
import { partOf, textsOf } from './part-text.ts'
import { runPath, runsPath } from './paths.ts'
import { runLog } from './run-log.ts'
import { runList } from './run-list.ts'
import { readRuns } from './read-runs.ts'
import { type RunRights, runParts } from './run.ts'
import { crumbsOf, queueHead } from './tabs.ts'

const path = '/ui/queues/:queue/runs'

/** A queue's runs, and each as a grid of its indexes. */
export function runRoutes(app: Hono<GatewayEnv>, house: House, live: Live): void {
  app.get(path, async (c) => {
    const { name, runs } = await opened(c, house, 'read')
    const asked = { before: c.req.query('before'), after: c.req.query('after') }
    const page = await readRuns(runs, asked, { signal: c.req.raw.signal })
    return pageAnswer(c, {
      title: `Runs of ${name}`,
      crumbs: crumbsOf(name).slice(0, 1),
      content: html`${queueHead(name, 'Runs')} ${runList(name, asked, page)}`,
      notice: noticeOf(c.req.query('done')),
    })
  })

  app.get(`${path}/:run`, async (c) => {
    const { name, runs } = await opened(c, house, 'read')
    const run = await expectRun(runs, c)
    const { standing, deeds, grid } = runParts(name, run, rightsOf(c, name))
    return pageAnswer(c, {
      title: `Run ${run.name}`,
      crumbs: crumbsOf(name, { text: 'Runs', path: runsPath(name) }),
      content: html`<div class="head">
          <h1>Run <bdi>${run.name}</bdi></h1>
          <div class="deeds" id="deeds">${deeds}</div>
        </div>
        ${partOf('standing', standing)}
        <section aria-labelledby="indexes">
          <h2 id="indexes">Indexes</h2>
          ${partOf('grid', grid)}
        </section>`,
      live: run.finishedAt ? undefined : `${runPath(name, run.name)}/live`,
      notice: noticeOf(c.req.query('done')),
    })
  })

  app.get(`${path}/:run/live`, async (c) => {
    const { name, runs } = await opened(c, house, 'read')
    const rights = rightsOf(c, name)
    return live.answer(c, JSON.stringify(['run', name, c.req.param('run'), rights]), async () => {
      const run = await expectRun(runs, c)
      return { parts: await textsOf(runParts(name, run, rights)), isOver: run.finishedAt !== undefined }
    })
  })

  app.get(`${path}/:run/:index{[0-9]{1,7}}`, async (c) => {
    const { name, runs } = await opened(c, house, 'read')
    const run = await expectRun(runs, c)
    const index = run.indexes.find((one) => one.index === Number(c.req.param('index')))
    if (!index) throw new Problem(404, `The run "${run.name}" has no index ${c.req.param('index')}`)
    const crumbs = [
      { text: 'Runs', path: runsPath(name) },
      { text: run.name, path: runPath(name, run.name) },
    ]
    return pageAnswer(c, {
      title: `Index ${index.index} of ${run.name}`,
      crumbs: crumbsOf(name, ...crumbs),
      content: await runLog(runs, run, index, c.req.raw.signal),
    })
  })

  app.post(`${path}/:run/resubmit`, async (c) => {
    const { name, runs } = await opened(c, house, 'submit')
    const { failed } = await c.req.parseBody()
    const again = await runs.resubmit(c.req.param('run'), { failed: failed === 'yes' })
    return saying(c, runPath(name, again), 'resubmitted')
  })

  app.post(`${path}/:run/delete`, async (c) => {
    const { name, runs } = await opened(c, house, 'admin')
    await runs.delete(c.req.param('run'))
    return saying(c, runsPath(name), 'deleted')
  })
}

function rightsOf({ var: { caller } }: GatewayContext, queue: string): RunRights {
  return { maySubmit: caller.may('submit', queue), mayDelete: caller.may('admin', queue) }
}

async function opened(c: GatewayContext, house: House, scope: Scope): Promise<OpenQueue & { readonly name: string }> {
  const { queue: name = '' } = c.req.param()
  expectScope(c, scope, name)
  return { ...(await house.queues.get(name)), name }
}

async function expectRun(runs: OpenQueue['runs'], c: GatewayContext): Promise<RunState> {
  const { run: name = '' } = c.req.param()
  const run = await runs.get(name)
  if (run) return run
  throw new Problem(404, `There is no run "${name}" here`)
}
