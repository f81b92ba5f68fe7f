import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createToken } from '../../src/gateway.ts'
import { JobCreated } from '../../src/gateway/v1/job-schemas.ts'
import { Queue } from '../../src/index.ts'
import { localBackend } from '../../src/local.ts'
import { nextOf } from '../queue/setup.ts'
import { useExamples } from './program.ts'

const setup = useExamples()

const Answer = z.object({
  statusCode: z.int(),
  headers: z.record(z.string(), z.string()),
  cookies: z.array(z.string()).default([]),
  isBase64Encoded: z.boolean(),
  body: z.string(),
})

interface Asked {
  readonly method?: string
  readonly path: string
  readonly query?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly cookies?: readonly string[]
  readonly body?: Buffer
  readonly sourceIp?: string
}

/** What a function is called with by its URL. https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html */
function eventOf({ method = 'GET', path, query = '', headers = {}, cookies, body, sourceIp = '192.0.2.44' }: Asked) {
  const domainName = 'abcdefghij.lambda-url.us-east-1.on.aws'
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query,
    ...(cookies && { cookies }),
    headers: {
      'x-forwarded-proto': 'https',
      'x-forwarded-port': '443',
      'x-forwarded-for': '192.0.2.44',
      host: domainName,
      ...headers,
      ...(body && { 'content-length': String(body.length) }),
    },
    requestContext: {
      accountId: 'anonymous',
      apiId: 'abcdefghij',
      domainName,
      domainPrefix: 'abcdefghij',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp, userAgent: 'curl/8' },
      requestId: '4f9b1f1c-95c4-4a2b-8d59-0a1a3f4b0f47',
      routeKey: '$default',
      stage: '$default',
      time: '26/Nov/2026:08:00:00 +0000',
      timeEpoch: 1_795_680_000_000,
    },
    isBase64Encoded: body !== undefined,
    ...(body && { body: body.toString('base64') }),
  }
}

/** The example as a function, in one of the two modes. */
async function invoked(mode: string) {
  const { folder } = await setup()
  const { token, entry } = createToken({ name: 'ci', scopes: ['submit', 'read'] })
  const words = [resolve('test/examples/children/lambda.ts'), join(folder, '../examples/gateway-in-lambda.ts'), mode]
  const child = spawn(process.execPath, words, {
    cwd: folder,
    env: { ...process.env, REMOTEJOB_LOCAL: 'jobs', NODE_OPTIONS: '', TOKEN_SHA256: entry.sha256 },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface(child.stdout)
  const queue = new Queue('letters', { backend: localBackend({ directory: join(folder, 'jobs') }) })
  onTestFinished(() => queue.close())
  const ask = async (asked: Asked) => {
    child.stdin.write(`${JSON.stringify(eventOf(asked))}\n`)
    const [line] = (await once(lines, 'line')) as [string]
    const { body, isBase64Encoded, ...answer } = Answer.parse(JSON.parse(line))
    return { ...answer, isBase64Encoded, body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8') }
  }
  return { queue, token, ask, authorization: { authorization: `Bearer ${token}` } }
}

describe.each(['streamed', 'buffered'])(
  'a gateway at the URL of a Lambda function, %s',
  { timeout: 30_000 },
  (mode) => {
    test('takes bytes, and gives bytes back as they were', async () => {
      const { queue, ask, authorization } = await invoked(mode)
      const bytes = randomBytes(300_000)
      const headers = { ...authorization, 'content-type': 'application/octet-stream' }
      const made = await ask({ method: 'POST', path: '/v1/queues/letters/jobs', headers, body: bytes })
      const { id, href } = JobCreated.parse(JSON.parse(made.body.toString()))
      expect([made.statusCode, made.headers['location']]).toEqual([201, href])
      const job = await nextOf(queue)
      expect([job.id, Buffer.from(await job.bytes()).equals(bytes)]).toEqual([id, true])
      const latin = Buffer.from([0x67, 0x72, 0xfc, 0xdf])
      await job.complete({
        assets: {
          picture: { body: bytes, contentType: 'image/png' },
          text: { body: latin, contentType: 'text/plain' },
        },
      })
      for (const [name, content] of [
        ['picture', bytes],
        ['text', latin],
      ] as const) {
        const file = await ask({ path: `${href}/assets/${name}`, headers: authorization })
        expect([name, file.statusCode, file.isBase64Encoded, file.body.equals(content)]).toEqual([
          name,
          200,
          true,
          true,
        ])
      }
      const part = await ask({ path: `${href}/assets/picture`, headers: { ...authorization, range: 'bytes=0-9' } })
      expect([part.statusCode, part.body]).toEqual([206, bytes.subarray(0, 10)])
      const known = {
        ...authorization,
        'if-none-match': (await ask({ path: href, headers: authorization })).headers['etag'] ?? '',
      }
      const same = await ask({ path: href, headers: known })
      expect([same.statusCode, same.body.length]).toEqual([304, 0])
    })

    test('reads the query, and tells of what went wrong', async () => {
      const { queue, ask, authorization } = await invoked(mode)
      const query = `filename=a%20b.txt&metadata=${encodeURIComponent('{"to":"ü"}')}`
      await ask({ method: 'POST', path: '/v1/queues/letters/jobs', query, headers: authorization })
      expect((await nextOf(queue)).metadata).toEqual({ filename: 'a b.txt', to: 'ü' })
      const missing = await ask({ path: '/v1/queues/letters/jobs/none', headers: authorization })
      expect([missing.statusCode, missing.headers['content-type']]).toEqual([404, 'application/problem+json'])
    })

    test('is for those with a token alone, wherever an event says that it comes from', async () => {
      const { ask } = await invoked(mode)
      for (const headers of [{}, { 'x-forwarded-for': '127.0.0.1' }, { authorization: 'Bearer none' }])
        expect((await ask({ path: '/v1/queues', headers })).statusCode).toBe(401)
    })

    test('knows its callers apart by the address of the request, so that one who guesses tokens locks out nobody else', async () => {
      const { ask } = await invoked(mode)
      const guess = async (sourceIp: string) => {
        const asked = { path: '/v1/queues', headers: { authorization: 'Bearer none' }, sourceIp }
        return (await ask(asked)).statusCode
      }
      const statuses: number[] = []
      for (let tries = 0; tries < 70; tries += 1) statuses.push(await guess('192.0.2.44'))
      expect([statuses[0], statuses.at(-1), await guess('198.51.100.7')]).toEqual([401, 429, 401])
    })

    test('keeps who logs in to its page by a cookie among others', async () => {
      const { ask, token } = await invoked(mode)
      const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' }
      const login = await ask({ method: 'POST', path: '/login', headers, body: Buffer.from(`token=${token}`) })
      expect([login.statusCode, login.headers['location']]).toEqual([303, './'])
      const [cookie = ''] = login.cookies
      expect(cookie).toMatch(/^__Host-remotejob=.*Secure/)
      const cookies = ['theme=dark', cookie.split(';')[0] ?? '', 'lang=en']
      const page = await ask({ path: '/', headers: { accept: 'text/html' }, cookies })
      expect([page.statusCode, page.body.toString()]).toEqual([200, expect.stringContaining('Log out')])
      expect((await ask({ path: '/', headers: { accept: 'text/html' } })).statusCode).toBe(401)
    })
  },
)

test('a gateway at the URL of a Lambda function tells of a job as it goes, streamed', { timeout: 30_000 }, async () => {
  const { queue, ask, authorization } = await invoked('streamed')
  const made = await ask({ method: 'POST', path: '/v1/queues/letters/jobs', headers: authorization })
  const { href } = JobCreated.parse(JSON.parse(made.body.toString()))
  await (await nextOf(queue)).complete()
  const events = await ask({ path: `${href}/events`, headers: authorization })
  expect([events.headers['content-type'], events.body.toString()]).toEqual([
    'text/event-stream; charset=utf-8',
    expect.stringContaining('event: end'),
  ])
})
