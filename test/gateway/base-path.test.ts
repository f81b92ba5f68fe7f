import { describe, expect, test } from 'vitest'
import { createGateway, createToken, type GatewayOptions } from '../../src/gateway.ts'
import { grounds, here, jsonOf, useGateway } from './setup.ts'

describe.each(grounds)('a gateway that is mounted at a path, $ground', ({ start }) => {
  const { setup } = useGateway(start)

  /** Requests as the server sees them, with the path in it. */
  async function mounted(options?: GatewayOptions) {
    const { gateway, name, queue } = await setup({ basePath: '/jobs', ...options })
    const ask = (path: string, init?: RequestInit) =>
      gateway(new Request(new URL(path, 'http://localhost'), { redirect: 'manual', ...init }), here)
    return { name, queue, ask }
  }

  test('answers below it, with or without a slash behind it, and nowhere else', async () => {
    const { ask, name } = await mounted()
    for (const path of [
      '/jobs',
      '/jobs/',
      '/jobs?after=a',
      '/jobs/health',
      '/jobs/v1/queues',
      `/jobs/ui/queues/${name}`,
    ])
      expect([path, (await ask(path)).status]).toEqual([path, 200])
    for (const path of ['/', '/health', '/v1/queues', '/jobsv1/queues', '/jobs/jobs/v1/queues', '/ui/queues'])
      expect([path, (await ask(path)).status]).toEqual([path, 404])
    expect(await jsonOf(await ask('/v1/queues'))).toMatchObject({ detail: 'There is nothing at GET /v1/queues' })
    expect(await jsonOf(await ask('/jobs/v3'))).toMatchObject({ detail: 'There is nothing at GET /jobs/v3' })
  })

  test('names it wherever it says where something is', async () => {
    const { ask, name, queue } = await mounted()
    const made = await ask(`/jobs/v1/queues/${name}/jobs?filename=a.txt`, { method: 'POST', body: 'dear reader' })
    const { id, href } = await jsonOf(made)
    expect([made.headers.get('Location'), href]).toEqual([href, `/jobs/v1/queues/${name}/jobs/${String(id)}`])
    const job = await queue.next()
    await job?.complete({ assets: { out: 'DEAR READER' } })
    const { input, result } = await jsonOf(await ask(String(href)))
    expect(input).toMatchObject({ href: `${String(href)}/input` })
    expect(result).toMatchObject({ assets: [{ href: `${String(href)}/assets/out` }] })
    expect(await (await ask(`${String(href)}/assets/out`)).text()).toBe('DEAR READER')
    expect(await (await ask(`${String(href)}/events`)).text()).toContain(`"href":"${String(href)}/assets/out"`)
    expect(await jsonOf(await ask('/jobs/openapi.json'))).toMatchObject({ servers: [{ url: '/jobs/' }] })
  })

  test('names it in what it makes of runs and schedules', async () => {
    const { ask, name } = await mounted({ runsQueue: 'mine', queues: ['mine', 'q*'] })
    const send = async (path: string, body: unknown) => {
      const headers = { 'Content-Type': 'application/json' }
      const answer = await ask(path, { method: 'POST', headers, body: JSON.stringify(body) })
      expect([path, answer.status]).toEqual([path, 201])
      return answer.headers.get('Location') ?? ''
    }
    const made = [
      await send('/jobs/v1/definitions', { name: 'print', command: ['true'] }),
      await send('/jobs/v1/runs', { job: 'print' }),
      await send(`/jobs/v1/queues/${name}/schedules`, { name: 'nightly', cron: '0 2 * * *' }),
    ]
    for (const where of made) expect([where, (await ask(where)).status]).toEqual([where, 200])
    const pages = ['', ...['', '/runs', '/schedules', '/dead'].map((tab) => `ui/queues/mine${tab}`)]
    pages.push(`ui/queues/mine/runs/${made[1]?.split('/').at(-1)}`)
    for (const page of pages) {
      const text = await (await ask(`/jobs/${page}`, { headers: { Accept: 'text/html' } })).text()
      expect(text).toContain('<base href="/jobs/"')
      expect(text.match(/(?:href|src|action|data-\w+)="\/(?!jobs\/).*/g)).toBeNull()
    }
  })

  test('takes uploads and gives out files where it says', async () => {
    const { ask, name, queue } = await mounted()
    const { id } = await queue.submit({ body: 'dear reader' })
    const file = await ask(`/jobs/v1/queues/${name}/jobs/${id}/input?redirect=true`)
    const upload = await jsonOf(
      await ask(`/jobs/v1/queues/${name}/uploads`, {
        method: 'POST',
        body: '{}',
        headers: { 'Content-Type': 'application/json' },
      }),
    )
    expect(file.status).toBe(303)
    for (const where of [file.headers.get('Location'), upload['url']])
      expect(where).toMatch(/^(?:https?:|\/jobs\/v1\/)/)
  })

  test('calls what it stores of Code Engine by it', async () => {
    const { ask, name } = await mounted()
    const answer = await ask(`/jobs/v2/projects/${name}/config_maps`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: 'settings', data: { a: '1' } }),
    })
    const { href } = await jsonOf(answer)
    expect(href).toBe(`http://localhost/jobs/v2/projects/${name}/config_maps/settings`)
    expect((await ask(String(href))).status).toBe(200)
  })
})

test.each([
  'jobs',
  '/jobs/',
  '/',
  '',
  '/a//b',
  '/a/../b',
  '/.',
  '/a b',
  '/ü',
  '/a?b',
  '/%41',
  'https://example.com/jobs',
])('no path to be mounted at: %j', (basePath) => {
  expect(() => createGateway({ basePath })).toThrow('Expected `basePath` to be a path such as /jobs')
})

test('who logs in is sent to a page of the gateway, and to nothing else of its host', async () => {
  const { token, entry } = createToken({ name: 'ada', scopes: ['read'] })
  await using gateway = createGateway({ basePath: '/a/jobs', tokens: [entry] })
  const login = async (next: string) => {
    const at = 'http://localhost/a/jobs/login'
    const answer = await gateway(new Request(at, { method: 'POST', body: new URLSearchParams({ token, next }) }))
    return [answer.status, new URL(answer.headers.get('Location') ?? '', at).pathname]
  }
  for (const next of ['', '/', '/ui/queues/thumbs', '/a/jobs', '/a/jobsui/', '/a/jobs/../ui/', '/a/jobs/v1/queues'])
    expect([next, ...(await login(next))]).toEqual([next, 303, '/a/jobs/'])
  expect(await login('/a/jobs/ui/queues/thumbs')).toEqual([303, '/a/jobs/ui/queues/thumbs'])
})
