import { describe, expect, test } from 'vitest'
import { createToken } from '../../../src/gateway.ts'
import { fibonacci, type Listed, type Scene, setup } from './setup.ts'

const { token, entry } = createToken({ name: 'ada', scopes: ['submit', 'read'] })
const reader = createToken({ name: 'bob', scopes: ['read'] })
const admin = createToken({ name: 'root', scopes: ['admin'], queues: ['runs'] })
const other = createToken({ name: 'eve', scopes: ['admin'], queues: ['thumbs'] })
const bearer = (secret: string) => ({ Authorization: `Bearer ${secret}` })
const hidden = { ...fibonacci, Visibility: 'Private' }
const schedule = { Schedule: '0 0 * * *' }

/** A gateway of two jobs that the rest of the world can reach. */
const world = (entries: object = { fibonacci, hidden }): Promise<Scene> =>
  setup(entries, {
    options: {
      tokens: [entry, reader.entry, other.entry, admin.entry],
      privateFrom: ['10.0.0.12/32'],
      trustedProxies: ['192.0.2.1/32'],
    },
  })

describe('a Private job', () => {
  test('is refused to callers from outside as SlimFaas refuses it, with a reason', async () => {
    const { call, runs, schedules, submit } = await world()
    const id = '00000000-0000-8000-8000-000000000000'
    for (const headers of [{}, bearer(other.token)])
      for (const [method, path, status, body] of [
        ['POST', '/job/hidden', 400, {}],
        ['GET', '/job/hidden', 404, undefined],
        ['DELETE', `/job/hidden/${id}`, 404, undefined],
        ['POST', '/job-schedules/hidden', 400, schedule],
        ['GET', '/job-schedules/hidden', 404, undefined],
        ['DELETE', `/job-schedules/hidden/${id}`, 400, undefined],
      ] as const) {
        const answer = await call(method, path, body, headers)
        expect([method, path, answer.status]).toEqual([method, path, status])
        expect(await answer.json()).toMatchObject({
          code: 'visibility_private',
          detail: expect.stringContaining('This job is Private: send a token'),
        })
      }
    await submit('fibonacci')
    expect(await runs.list({ job: 'hidden' })).toEqual([])
    expect(await Array.fromAsync(schedules.list())).toEqual([])
  })

  test('takes a token with the scope: one that reads sees it and changes nothing', async () => {
    const { call } = await world()
    const made = await call('POST', '/job/hidden', {}, bearer(token))
    expect(made.status).toBe(202)
    const { Id } = (await made.json()) as { readonly Id: string }
    const listed = await call('GET', '/job/hidden', undefined, bearer(reader.token))
    expect((await listed.json()) as readonly Listed[]).toMatchObject([{ Id }])
    expect((await call('POST', '/job/hidden', {}, bearer(reader.token))).status).toBe(400)
    expect((await call('DELETE', `/job/hidden/${Id}`, undefined, bearer(reader.token))).status).toBe(404)
    expect((await call('DELETE', `/job/hidden/${Id}`, undefined, bearer(token))).status).toBe(200)
    const scheduled = await call('POST', '/job-schedules/hidden', schedule, bearer(token))
    const { Id: guid } = (await scheduled.json()) as { readonly Id: string }
    expect((await call('DELETE', `/job-schedules/hidden/${guid}`, undefined, bearer(reader.token))).status).toBe(400)
    expect((await call('DELETE', `/job-schedules/hidden/${guid}`, undefined, bearer(token))).status).toBe(204)
  })

  test('is for networks that count as inside, by the address of the socket or what a known proxy says', async () => {
    const { gateway } = await world()
    await gateway.ready()
    const statusFrom = async (remoteAddress: string, forwarded?: string): Promise<number> => {
      const headers = { Host: 'localhost', ...(forwarded === undefined ? {} : { 'X-Forwarded-For': forwarded }) }
      const request = new Request('http://localhost/job/hidden', { method: 'POST', headers })
      return (await gateway(request, { remoteAddress })).status
    }
    expect(await statusFrom('10.0.0.12')).toBe(202)
    expect(await statusFrom('192.0.2.1', '10.0.0.12')).toBe(202)
    // Whom SlimFaas would let in: it looks for the text of an address, wherever it stands.
    expect(await statusFrom('10.0.0.123')).toBe(400)
    expect(await statusFrom('10.0.0.1')).toBe(400)
    expect(await statusFrom('203.0.113.9', '10.0.0.12')).toBe(400)
  })

  test('is not in /jobs/status for callers from outside', async () => {
    const { call } = await world()
    const names = async (headers: Readonly<Record<string, string>>): Promise<unknown> =>
      ((await (await call('GET', '/jobs/status', undefined, headers)).json()) as readonly { Name: string }[]).map(
        ({ Name }) => Name,
      )
    expect(await names({})).toEqual(['fibonacci'])
    expect(await names(bearer(reader.token))).toEqual(['fibonacci', 'hidden'])
  })

  test('is what Default is where it says nothing, also for names that are not configured', async () => {
    const { call } = await world({ Default: { Command: ['true'] } })
    expect((await call('POST', '/job/whatever', {})).status).toBe(400)
    expect((await call('POST', '/job/whatever', {}, bearer(token))).status).toBe(202)
  })
})

describe('a Public job', () => {
  test('is for everybody, and its schedules too', async () => {
    const { call } = await world()
    const { Id } = (await (await call('POST', '/job/fibonacci', {})).json()) as { readonly Id: string }
    expect(await (await call('GET', '/job/fibonacci')).json()).toMatchObject([{ Id }])
    expect((await call('DELETE', `/job/fibonacci/${Id}`)).status).toBe(200)
    expect((await call('POST', '/job-schedules/fibonacci', schedule)).status).toBe(201)
  })

  const secret = { Name: 'PASSWORD', SecretRef: { Name: 'database', Key: 'password' } }
  test.each([
    ['a secret', { Environments: [secret] }, 'Environments'],
    ['a config map', { Environments: [{ Name: 'A', ConfigMapRef: { Name: 'settings', Key: 'a' } }] }, 'Environments'],
    ['a variable for a process', { Environments: [{ Name: 'NODE_OPTIONS', Value: '--require=/x' }] }, 'Environments'],
    ['a path for a process', { Environments: [{ Name: 'PATH', Value: '/x' }] }, 'Environments'],
    ['a URL', { DependsOn: ['http://169.254.169.254/'] }, 'DependsOn'],
  ])('takes %s only from who may everything', async (_, body, member) => {
    const { call, runs } = await world()
    await runs.secrets.create('database', { password: 'x' })
    await runs.configMaps.create('settings', { a: 'x' })
    for (const [path, more] of [
      ['/job/fibonacci', {}],
      ['/job-schedules/fibonacci', schedule],
    ] as const) {
      for (const headers of [{}, bearer(token)]) {
        const answer = await call('POST', path, { ...body, ...more }, headers)
        expect(answer.status).toBe(400)
        expect(await answer.json()).toMatchObject({ detail: expect.stringMatching(`\`${member}\`.*scope "admin"`) })
      }
      expect((await call('POST', path, { ...body, ...more }, bearer(admin.token))).status).toBeLessThan(300)
    }
  })

  test('takes from outside what the job itself refers to, and variables for a container', async () => {
    const url = 'http://127.0.0.1:9/health'
    const own = { ...fibonacci, Environments: [secret, { Name: 'LEVEL', Value: 'info' }], DependsOn: [url] }
    const { call, runs } = await world({ own, boxed: { Image: 'a/b', Visibility: 'Public' } })
    await runs.secrets.create('database', { password: 'x' })
    const Environments = [secret, { Name: 'LEVEL', Value: 'debug' }]
    expect((await call('POST', '/job/own', { Environments, DependsOn: [url] })).status).toBe(202)
    expect((await call('POST', '/job/boxed', { Environments: [{ Name: 'ANY', Value: '1' }] })).status).toBe(202)
  })

  test('gets a hundred schedules from outside, and no more', async () => {
    const { call } = await world()
    await Promise.all(Array.from({ length: 100 }, () => call('POST', '/job-schedules/fibonacci', schedule)))
    const answer = await call('POST', '/job-schedules/fibonacci', schedule)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ detail: expect.stringContaining('100 schedules already') })
    expect((await call('POST', '/job-schedules/fibonacci', schedule, bearer(token))).status).toBe(201)
  })
})
