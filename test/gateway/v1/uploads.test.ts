import { describe, expect, test } from 'vitest'
import { Links } from '../../../src/gateway/links.ts'
import { nextOf, onLocal } from '../../queue/setup.ts'
import { grounds, here, jsonOf, type Scene, useGateway } from '../setup.ts'

const json = { 'Content-Type': 'application/json' }

async function wanted({ ask }: Scene, body: unknown = {}) {
  const answer = await ask('uploads', { method: 'POST', body: JSON.stringify(body), headers: json })
  const { key, url, headers } = await jsonOf(answer)
  return { status: answer.status, key: String(key), url: String(url), headers: new Headers(Object(headers)) }
}

/** As whoever has no token sends it: to the store, or to the gateway. */
function put({ gateway }: Scene, { url, headers }: { url: string; headers: Headers }, body: string): Promise<Response> {
  const init = { method: 'PUT', headers, body }
  return url.startsWith('/') ? gateway(new Request(`http://localhost${url}`, init), here) : fetch(url, init)
}

describe.each(grounds)('bytes that go to a URL, over $ground', ({ start }) => {
  const { setup } = useGateway(start)
  const trigger = ({ ask }: Scene, body: unknown, headers: Record<string, string> = {}) =>
    ask('trigger', { method: 'POST', body: JSON.stringify(body), headers: { ...json, ...headers } })

  test('become a job when it is triggered', async () => {
    const scene = await setup()
    const upload = await wanted(scene, { filename: 'ü.txt', size: 9, expiresSeconds: 60 })
    expect(upload.status).toBe(201)
    expect((await trigger(scene, { key: upload.key })).status).toBe(404)
    expect((await put(scene, upload, 'the bytes')).status).toBe(200)
    expect((await put(scene, upload, 'the other')).status).toBe(412)
    const request = { key: upload.key, metadata: { width: 3 }, attempts: 5 }
    const answer = await trigger(scene, request, { 'Idempotency-Key': 'k' })
    expect(answer.status).toBe(201)
    const job = await nextOf(scene.queue)
    expect(job).toMatchObject({ filename: 'ü.txt', contentType: 'text/plain', attempts: 5 })
    expect(job.metadata).toEqual({ filename: 'ü.txt', width: 3 })
    expect(await job.text()).toBe('the bytes')
    const again = await trigger(scene, request, { 'Idempotency-Key': 'k' })
    expect(await jsonOf(again)).toEqual(await jsonOf(answer))
    expect((await trigger(scene, { ...request, attempts: 6 }, { 'Idempotency-Key': 'k' })).status).toBe(422)
  })

  test('of no other object', async () => {
    const scene = await setup()
    const id = await scene.post('jobs', 'secret')
    for (const key of [
      `inputs/${id}`,
      'secrets/a/1',
      'uploads/../inputs/a',
      'stored/a',
      'uploads/00000000-0000-4000-8000-000000000000',
      '',
      7,
    ])
      expect((await trigger(scene, { key })).status).toBe(400)
    expect((await trigger(scene, { key: 'stored/00000000-0000-4000-8000-000000000000' })).status).toBe(404)
  })

  test.each([{ size: -1 }, { expiresSeconds: 0 }, { expiresSeconds: 604_801 }, { filename: 7 }, { more: 1 }, []])(
    'for %j there is none',
    async (body) => {
      expect((await wanted(await setup(), body)).status).toBe(400)
    },
  )

  test('a file is read by who has the URL that 303 leads to', async () => {
    const scene = await setup()
    const id = await scene.post('jobs', 'input')
    const body = 'x'.repeat(100_000)
    await (await nextOf(scene.queue)).complete({ large: { body, filename: 'a.txt' }, small: { body: 's' } })
    for (const [path, text] of [
      ['assets/large', body],
      ['assets/small', 's'],
      ['input', 'input'],
    ] as const) {
      const answer = await scene.ask(`jobs/${id}/${path}?redirect=true&expiresSeconds=60`)
      expect([answer.status, answer.headers.get('Cache-Control')]).toEqual([303, 'no-store'])
      const url = answer.headers.get('Location') ?? ''
      const read = await (url.startsWith('/') ? scene.ask(url) : fetch(url))
      expect([read.status, await read.text()]).toEqual([200, text])
    }
  })
})

describe('links of the gateway', () => {
  const { setup } = useGateway(onLocal)

  test('are good for what they were given for, at every gateway with the same secret', async () => {
    const linkSecret = 'a secret of 32 characters or more'
    const scene = await setup({ linkSecret })
    const other = await setup({ linkSecret, backend: scene.backend })
    const stranger = await setup({ backend: scene.backend })
    const upload = await wanted(scene)
    const token = upload.url.split('/').at(-1) ?? ''
    expect((await put(stranger, upload, 'b')).status).toBe(403)
    expect((await scene.ask(`/v1/links/${token}`)).status).toBe(403)
    const changed = { ...upload, url: upload.url.replace(/.$/, (one) => (one === 'A' ? 'B' : 'A')) }
    expect((await put(other, changed, 'b')).status).toBe(403)
    expect((await put(other, { ...upload, url: '/v1/uploads/x.y' }, 'b')).status).toBe(403)
    expect((await put(other, upload, 'b')).status).toBe(200)
    expect(await (await scene.queue.retrieve(upload.key)).text()).toBe('b')
  })

  test('expire', async () => {
    const links = new Links(undefined)
    const { token, expiresAt } = links.sign('file', { id: 'a' }, 1)
    expect(links.read('file', token)).toMatchObject({ id: 'a' })
    await expect.poll(() => Date.now(), { timeout: 20_000 }).toBeGreaterThan(expiresAt.getTime())
    expect(() => links.read('file', token)).toThrow('has expired')
  })

  test('take as many bytes as was said', async () => {
    const scene = await setup()
    const upload = await wanted(scene, { size: 5 })
    for (const body of ['1234', '123456', '']) expect((await put(scene, upload, body)).status).toBe(400)
    expect((await put(scene, upload, '12345')).status).toBe(200)
  })

  test('are not signed with what could be guessed', async () => {
    await expect(setup({ linkSecret: 'short' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })
})
