import { describe, expect, test } from 'vitest'
import { setup } from './setup.ts'

const message = async (answer: Response): Promise<unknown> =>
  ((await answer.json()) as { readonly detail: string }).detail

describe('the body of POST /job/<name>', () => {
  test.each([
    'application/json',
    'application/x-www-form-urlencoded',
    'text/plain',
    'multipart/form-data; boundary=x',
    '',
  ])('is read as JSON when its type is %j', async (type) => {
    const { call, list } = await setup()
    const answer = await call('POST', '/job/fibonacci', '{"Args":["10"]}', { 'Content-Type': type })
    expect(answer.status).toBe(202)
    expect(await list('fibonacci')).toHaveLength(1)
  })

  test.each([
    ['nothing', undefined],
    ['nothing of some length', ''],
    ['an empty object', '{}'],
    ['nulls, which are as good as nothing', '{"Args":null,"Image":null,"Resources":null,"DependsOn":null}'],
    ['an empty image', '{"Image":""}'],
  ])('may be %s', async (_, body) => {
    const { call } = await setup()
    expect((await call('POST', '/job/fibonacci', body)).status).toBe(202)
  })

  test.each([
    ['null', 'null', /to be an object, got nothing/],
    ['a list', '[]', /to be an object, got a list/],
    ['a text', '"Args"', /to be an object, got text/],
    ['half of it', '{"Args":["10"', /not JSON/],
    ['a form', 'Args=10&Image=x', /not JSON/],
    ['a hundred thousand brackets', '['.repeat(60_000), /not JSON/],
    ['deep lists', '{"Args":' + '['.repeat(20_000) + ']'.repeat(20_000) + '}', /`Args\[0\]` to be text/],
    ['names in another case', '{"args":["10"]}', /`args` to be left out/],
    ['a member of its prototype', '{"__proto__":{"Args":["10"]}}', /`__proto__` to be left out/],
    ['one word for Args', '{"Args":"10"}', /`Args` to be a list/],
    ['numbers in Args', '{"Args":[10]}', /`Args\[0\]` to be text, got a number/],
    ['a NUL in Args', '{"Args":["\\u0000"]}', /`Args` to be words without NUL/],
    ['a negative BackoffLimit', '{"BackoffLimit":-1}', /`BackoffLimit`/],
    ['half a second to live', '{"TtlSecondsAfterFinished":0.5}', /`TtlSecondsAfterFinished`/],
    ['another policy', '{"RestartPolicy":"Always"}', /`RestartPolicy` to be one of Never, OnFailure/],
    ['a quantity that is none', '{"Resources":{"Limits":{"cpu":"lots"}}}', /`Resources.Limits.cpu` to be a quantity/],
    ['a field of a pod', '{"Environments":[{"Name":"X","FieldRef":{"FieldPath":"a"}}]}', /FieldRef/],
    ['a variable with a sign', '{"Environments":[{"Name":"A=B","Value":"1"}]}', /Environments\[0\]/],
    ['a secret that there is not', '{"Environments":[{"Name":"A","SecretRef":{"Name":"no","Key":"k"}}]}', /"no"/],
    ['a URL with a password', '{"DependsOn":["http://me:secret@host/"]}', /without a user or password/],
  ])('is refused with 400 and a reason when it is %s, and nothing is made', async (_, body, reason) => {
    const { call, list } = await setup()
    const answer = await call('POST', '/job/fibonacci', body)
    expect(answer.status).toBe(400)
    expect(answer.headers.get('Content-Type')).toBe('application/problem+json')
    const detail = await message(answer)
    expect(detail).toMatch(reason)
    expect(detail).not.toContain('secret@')
    expect(await list('fibonacci')).toEqual([])
  })

  test('is refused with 400 when its bytes are no UTF-8', async () => {
    const { ask } = await setup()
    const bytes = Buffer.from([...Buffer.from('{"Args":["'), 0xff, ...Buffer.from('"]}')])
    const answer = await ask(new Request('http://localhost/job/fibonacci', { method: 'POST', body: bytes }))
    expect(answer.status).toBe(400)
  })

  test('is refused with 413 when it is too large, whether its length was told or not, and is not read to its end', async () => {
    const { ask, call, list } = await setup()
    expect((await call('POST', '/job/fibonacci', ' '.repeat(65_537))).status).toBe(413)
    let pulled = 0
    let isCancelled = false
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulled += 1
        controller.enqueue(Buffer.alloc(16_384, ' '))
      },
      cancel: () => {
        isCancelled = true
      },
    })
    const request = new Request('http://localhost/job/fibonacci', { method: 'POST', body: endless, duplex: 'half' })
    expect((await ask(request)).status).toBe(413)
    expect(pulled).toBeLessThan(10)
    expect(isCancelled).toBe(true)
    expect(await list('fibonacci')).toEqual([])
  })

  test('is refused with 400 when it breaks off, and makes no job', async () => {
    const { ask, list } = await setup()
    const broken = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(Buffer.from('{"Args":')),
      pull: (controller) => controller.error(new Error('reset')),
    })
    const request = new Request('http://localhost/job/fibonacci', { method: 'POST', body: broken, duplex: 'half' })
    expect((await ask(request)).status).toBe(400)
    expect(await list('fibonacci')).toEqual([])
  })
})

describe('the name in the path', () => {
  const text = 'Function name must match pattern [a-z0-9_-] and be between 3 and 30 characters'

  test.each(['ab', 'a'.repeat(31), 'a b', 'a.b', '%2e%2e%2f', 'é€é', '%ff%ff%ff', 'a%2fb', 'abc%00'])(
    'is refused with SlimFaas’s own text when it is %s',
    async (name) => {
      const { call } = await setup()
      for (const [method, path] of [
        ['POST', `/job/${name}`],
        ['DELETE', `/job/${name}/x`],
        ['POST', `/job-schedules/${name}`],
        ['DELETE', `/job-schedules/${name}/x`],
      ] as const) {
        const answer = await call(method, path, method === 'POST' ? '{' : undefined)
        expect([method, path, answer.status]).toEqual([method, path, 400])
        expect(await answer.json()).toBe(text)
      }
      for (const path of [`/job/${name}`, `/job-schedules/${name}`])
        expect(await (await call('GET', path)).json()).toEqual([])
    },
  )
})

test.each([
  ['PUT', '/job/fibonacci', 'GET, POST'],
  ['PATCH', '/job/fibonacci', 'GET, POST'],
  ['DELETE', '/job/fibonacci', 'GET, POST'],
  ['POST', '/job/fibonacci/any/suffix', undefined],
  ['POST', '/job/fibonacci/suffix', 'DELETE'],
  ['PUT', '/job-schedules/fibonacci', 'GET, POST'],
  ['GET', '/job-schedules/fibonacci/1', 'DELETE'],
  ['POST', '/jobs/status', 'GET'],
  ['DELETE', '/status-jobs', 'GET'],
])('%s %s is not what can be done there', async (method, path, allow) => {
  const { call } = await setup()
  const answer = await call(method, path)
  expect(answer.status).toBe(allow === undefined ? 404 : 405)
  expect(answer.headers.get('Allow')).toBe(allow ?? null)
})
