import { describe, expect, test } from 'vitest'
import { createToken } from '../../../src/gateway/access/token.ts'
import { Run, RunCreated } from '../../../src/gateway/v1/run-schemas.ts'
import { Runs } from '../../../src/runs.ts'
import { grounds, jsonOf, type Scene, useGateway } from '../setup.ts'

const json = { 'Content-Type': 'application/json' }
const say = ['sh', '-c', 'echo "$1 $JOB_INDEX"', 'sh']

describe.each(grounds)('runs over HTTP, over $ground', ({ start }) => {
  const { setup } = useGateway(start)

  async function stage() {
    const { name, queue, backend } = await setup()
    const scene = await setup({ backend, runsQueue: name })
    const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
      scene.ask(path, {
        method,
        body: body === undefined ? null : JSON.stringify(body),
        headers: { ...json, ...headers },
      })
    return { ...scene, name, queue, send }
  }

  test('a definition is stored, and changed only as it was read', async () => {
    const { send, askJson } = await stage()
    const made = await send('POST', '/v1/definitions', { name: 'say', command: say, retryLimit: 0 })
    expect([made.status, made.headers.get('Location')]).toEqual([201, '/v1/definitions/say'])
    expect(await jsonOf(made)).toMatchObject({
      name: 'say',
      version: 1,
      definition: { command: say, arrayIndexes: '0' },
    })
    expect((await send('POST', '/v1/definitions', { name: 'say', command: say })).status).toBe(409)
    const read = await send('GET', '/v1/definitions/say')
    const tag = read.headers.get('ETag') ?? ''
    expect((await send('GET', '/v1/definitions/say', undefined, { 'If-None-Match': tag })).status).toBe(304)
    expect((await send('PATCH', '/v1/definitions/say', { retryLimit: 2 }, { 'If-Match': tag })).status).toBe(200)
    expect((await send('PATCH', '/v1/definitions/say', { retryLimit: 1 }, { 'If-Match': tag })).status).toBe(412)
    expect((await send('PATCH', '/v1/definitions/say', { retryLimit: 1 }, { 'If-Match': '"x"' })).status).toBe(412)
    expect(await askJson('/v1/definitions/say')).toMatchObject({ version: 2, definition: { retryLimit: 2 } })
    expect(await askJson('/v1/definitions')).toMatchObject({ definitions: [{ name: 'say', version: 2 }] })
    const list = (await send('GET', '/v1/definitions')).headers.get('ETag') ?? ''
    expect((await send('GET', '/v1/definitions', undefined, { 'If-None-Match': list })).status).toBe(304)
    expect((await send('DELETE', '/v1/definitions/say')).status).toBe(204)
    for (const method of ['GET', 'DELETE', 'PATCH']) {
      const answer = await send(method, '/v1/definitions/say', method === 'PATCH' ? {} : undefined)
      expect(answer.status).toBe(404)
    }
  })

  test('a run is submitted, waited for, read and run again', async () => {
    const { send, ask, askJson, queue } = await stage()
    await send('POST', '/v1/definitions', { name: 'say', command: say, retryLimit: 0 })
    const submitted = await send('POST', '/v1/runs', { job: 'say', arguments: ['hello'], arrayIndexes: '0-1' })
    expect(submitted.status).toBe(201)
    const { name, href } = RunCreated.parse(await submitted.json())
    expect(submitted.headers.get('Location')).toBe(href)
    expect(await askJson(href)).toMatchObject({ name, job: 'say', status: 'pending', pending: '0-1' })
    await using worker = new Runs(queue).work()
    const state = Run.parse(await (await ask(`${href}?wait=60`)).json())
    expect(state).toMatchObject({ status: 'completed', succeeded: '0-1', failed: '' })
    expect(await (await ask(`${href}/logs`)).text()).toBe('hello 0\nhello 1\n')
    expect(await (await ask(`${href}/logs?index=1&follow=true`)).text()).toBe('hello 1\n')
    const { events } = await askJson(`${href}/events`)
    expect(events).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'submitted' }),
        expect.objectContaining({ kind: 'finished' }),
      ]),
    )
    const again = await send('POST', `${href}/resubmit`, { arguments: ['again'], runName: 'second' })
    expect([again.status, await jsonOf(again)]).toEqual([201, { name: 'second', href: '/v1/runs/second' }])
    expect(await askJson('/v1/runs/second?wait=60')).toMatchObject({ status: 'completed' })
    const idle = await send('POST', `${href}/resubmit`, { failed: true })
    expect([idle.status, await jsonOf(idle)]).toMatchObject([
      422,
      {
        code: 'INVALID_ARGUMENT',
        detail: expect.stringContaining('is completed and has no failed index to run again'),
      },
    ])
    for (const wrong of [{ failed: true, arrayIndexes: '0' }, { retryLimit: 99 }])
      expect((await send('POST', `${href}/resubmit`, wrong)).status).toBe(400)
    expect(await jsonOf(await send('POST', `${href}/restart`))).toEqual({ indexes: '' })
    const page = await askJson('/v1/runs?limit=1')
    expect(page).toMatchObject({ runs: [{ name, counts: { succeeded: 2 } }], next: expect.any(String) })
    expect(await askJson(`/v1/runs?limit=1&cursor=${String(page['next'])}`)).toMatchObject({
      runs: [{ name: 'second' }],
    })
    expect((await send('DELETE', '/v1/runs/second')).status).toBe(204)
    expect((await ask('/v1/runs/second')).status).toBe(404)
    await worker.close({ timeoutSeconds: 0 })
  })

  test('one key is one run; another request under it is refused', async () => {
    const { send } = await stage()
    await send('POST', '/v1/definitions', { name: 'say', command: say })
    const key = { 'Idempotency-Key': 'k' }
    const first = await jsonOf(await send('POST', '/v1/runs', { job: 'say', arguments: ['a'] }, key))
    expect(await jsonOf(await send('POST', '/v1/runs', { job: 'say', arguments: ['a'] }, key))).toEqual(first)
    expect((await send('POST', '/v1/runs', { job: 'say', arguments: ['b'] }, key)).status).toBe(422)
    // What is left out is another request, too, and a job that was changed meanwhile makes none.
    expect((await send('POST', '/v1/runs', { job: 'say' }, key)).status).toBe(422)
    await send('PATCH', '/v1/definitions/say', { retryLimit: 1, arguments: ['c'] })
    expect(await jsonOf(await send('POST', '/v1/runs', { arguments: ['a'], job: 'say' }, key))).toEqual(first)
    const again = `${String(first['href'])}/resubmit`
    const second = await jsonOf(await send('POST', again, { arguments: ['b'] }, key))
    expect(second).not.toEqual(first)
    expect(await jsonOf(await send('POST', again, { arguments: ['b'] }, key))).toEqual(second)
    for (const other of [{}, { arguments: ['a'] }, { arguments: ['b'], failed: true }])
      expect((await send('POST', again, other, key)).status).toBe(422)
    const atOnce = await Promise.all(
      [1, 2, 3, 4].map(async () =>
        jsonOf(await send('POST', '/v1/runs', { job: 'say' }, { 'Idempotency-Key': 'at once' })),
      ),
    )
    expect(new Set(atOnce.map(({ name }) => name)).size).toBe(1)
    const given = { job: 'say', runName: 'mine' }
    expect((await send('POST', '/v1/runs', given, key)).status).toBe(201)
    expect((await send('POST', '/v1/runs', given, key)).status).toBe(409)
  })

  test.each([
    [{}, 400],
    [{ job: 'say', name: 'own', command: ['true'] }, 400],
    [{ job: 'nowhere' }, 404],
    [{ name: 'own' }, 400],
    [{ name: 'own', command: ['true'], retryLimit: 99 }, 400],
    [{ name: 'own', command: 'true' }, 400],
    [{ name: 'own', command: ['true'], unheard: 1 }, 400],
    [[], 400],
  ])('POST /v1/runs of %j is refused', async (body, status) => {
    const { send, askJson } = await stage()
    const answer = await send('POST', '/v1/runs', body)
    expect([answer.status, answer.headers.get('Content-Type')]).toEqual([status, 'application/problem+json'])
    expect(await askJson('/v1/runs')).toEqual({ runs: [] })
  })

  test.each([
    ['{"job":', 'application/json', 400, 'body: expected JSON'],
    ['', 'application/json', 400, 'body: expected JSON'],
    ['{"job":"say"}', 'text/plain', 415, 'Content-Type: application/json'],
    ['job=say', 'application/x-www-form-urlencoded', 415, 'Content-Type: application/json'],
  ])('a body %j of %s is refused with what it should be', async (body, type, status, detail) => {
    const { ask } = await stage()
    const answer = await ask('/v1/runs', { method: 'POST', body, headers: { 'Content-Type': type } })
    expect([answer.status, await jsonOf(answer)]).toMatchObject([status, { detail: expect.stringContaining(detail) }])
  })

  test('who may submit runs what is stored, and no program, secret or address of their own', async () => {
    const { name, backend, queue, send: sendAsRoot } = await stage()
    const { token, entry } = createToken({ name: 'submitter', scopes: ['submit', 'read'] })
    const scene = await setup({ backend, runsQueue: name, tokens: [entry] })
    const headers = { ...json, Authorization: `Bearer ${token}` }
    const submit = (body: unknown, path = '/v1/runs') =>
      scene.ask(path, { method: 'POST', body: JSON.stringify(body), headers })
    const secret = { kind: 'all', from: 'secret', reference: 's', prefix: '' } as const
    const level = { kind: 'literal', name: 'LEVEL', value: 'info' } as const
    const own = { environment: [level, secret], mounts: [{ directory: 'a', from: 'secret', name: 's' }] } as const
    await sendAsRoot('POST', '/v1/definitions', { name: 'say', command: say })
    const stored = new Runs(queue)
    await stored.secrets.create('s', { A: '1' })
    await stored.jobs.create({ name: 'own', command: say, imagesWhitelist: ['a/*'], ...own })
    await stored.jobs.create({ name: 'boxed', image: 'a/b' })
    const harmless = {
      command: say,
      ...own,
      imagesWhitelist: ['a/*'],
      environment: [{ ...level, value: 'debug' }, secret],
    }
    expect((await submit({ job: 'own', arguments: ['a'], ...harmless })).status).toBe(201)
    expect((await submit({ job: 'boxed', environment: [{ ...level, name: 'ANY' }] })).status).toBe(201)
    const first = RunCreated.parse(await (await submit({ job: 'say', runName: 'first' })).json())
    const variable = (one: string) => ({ environment: [{ kind: 'literal', name: one, value: '--require=/x' }] })
    for (const [more, member] of [
      [{ command: ['id'] }, 'command'],
      [{ image: 'i' }, 'image'],
      [{ imagesWhitelist: ['*'] }, 'imagesWhitelist'],
      [{ mounts: own.mounts }, 'mounts'],
      [{ environment: [secret] }, 'environment'],
      [variable('NODE_OPTIONS'), 'environment'],
      [variable('LD_PRELOAD'), 'environment'],
      [variable('PATH'), 'environment'],
      [{ dependsOn: ['http://169.254.169.254/'] }, 'dependsOn'],
    ] as const)
      for (const answer of [await submit({ job: 'say', ...more }), await submit(more, `${first.href}/resubmit`)]) {
        expect(answer.status, JSON.stringify(more)).toBe(403)
        expect(await jsonOf(answer)).toMatchObject({ detail: expect.stringMatching(`\`${member}\`.*scope "admin"`) })
      }
    expect((await submit({ name: 'own', command: ['id'] })).status).toBe(403)
    expect((await submit({ job: 'nowhere', command: ['id'] })).status).toBe(404)
    expect((await submit({}, `${first.href}/resubmit`)).status).toBe(201)
    expect((await sendAsRoot('POST', '/v1/runs', { job: 'say', ...variable('NODE_OPTIONS') })).status).toBe(201)
  })
})

/** Each with the version that it has now. */
async function tagsOf(ask: Scene['ask'], paths: readonly string[]): Promise<readonly (readonly [string, string])[]> {
  return Promise.all(paths.map(async (path) => [path, (await ask(path)).headers.get('ETag') ?? ''] as const))
}

describe.each(grounds)('schedules over HTTP, over $ground', ({ start }) => {
  const { setup } = useGateway(start)

  test('are begun, changed, paused, resumed and ended', async () => {
    const { ask, askJson } = await setup()
    const send = (method: string, path: string, body?: unknown) =>
      ask(path, { method, body: body === undefined ? null : JSON.stringify(body), headers: json })
    const request = {
      name: 'nightly',
      cron: '0 3 * * *',
      timeZone: 'Europe/Zurich',
      metadata: { n: 1 },
      body: 'in',
      options: { attempts: 2 },
    }
    const made = await send('POST', 'schedules', request)
    expect([made.status, await jsonOf(made)]).toMatchObject([
      201,
      { ...request, missed: 'once', paused: false, nextTick: expect.any(String) },
    ])
    expect((await send('POST', 'schedules', request)).status).toBe(409)
    expect(await askJson('schedules')).toMatchObject({ schedules: [{ name: 'nightly' }] })
    const tags = await tagsOf(ask, ['schedules', 'schedules/nightly'])
    for (const [path, tag] of tags) {
      const known = await ask(path, { headers: { 'If-None-Match': tag } })
      expect([path, known.status, known.headers.get('ETag'), await known.text()]).toEqual([path, 304, tag, ''])
    }
    expect(await jsonOf(await send('PATCH', 'schedules/nightly', { cron: '0 4 * * *' }))).toMatchObject({
      cron: '0 4 * * *',
      body: 'in',
    })
    for (const [path, tag] of tags) expect((await ask(path, { headers: { 'If-None-Match': tag } })).status).toBe(200)
    expect(await jsonOf(await send('POST', 'schedules/nightly/pause'))).toMatchObject({ paused: true })
    expect(await jsonOf(await send('POST', 'schedules/nightly/resume'))).toMatchObject({ paused: false })
    expect(await askJson('schedules/nightly')).toMatchObject({ name: 'nightly', options: { attempts: 2 } })
    expect((await send('DELETE', 'schedules/nightly')).status).toBe(204)
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', '/pause'],
      ['POST', '/resume'],
      ['PATCH', ''],
    ] as const)
      expect((await send(method, `schedules/nightly${path}`, method === 'PATCH' ? {} : undefined)).status).toBe(404)
    for (const wrong of [
      { name: 'a' },
      { name: 'A', cron: '* * * * *' },
      { name: 'a', cron: 'never' },
      { ...request, metadata: { key: 'a' } },
    ])
      expect((await send('POST', 'schedules', wrong)).status).toBe(400)
  })
})
