import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { JobCreated } from '../../src/gateway/v1/job-schemas.ts'
import { Queue } from '../../src/index.ts'
import { localBackend } from '../../src/local.ts'
import { nextOf } from '../queue/setup.ts'
import { useExamples } from './program.ts'

const setup = useExamples()
const shaOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const json = { 'Content-Type': 'application/json' }

/** The example as it listens, and the queue behind it. */
async function serving(program: string) {
  const { folder, start } = await setup({ PORT: '0' })
  const server = start(program)
  const [, port = ''] = /port: (\d+)/.exec(await server.says('listening')) ?? []
  const queue = new Queue('letters', { backend: localBackend({ directory: join(folder, 'jobs') }) })
  onTestFinished(() => queue.close())
  const ask = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port}${path}`, init)
  const submit = async (body: string | ReadableStream, headers = {}) => {
    const made = await ask('/jobs/v1/queues/letters/jobs', { method: 'POST', body, headers, duplex: 'half' })
    return JobCreated.parse(await made.json())
  }
  return { server, queue, ask, submit }
}

describe.each([
  ['Express', () => serving('../examples/gateway-in-express.ts')],
  ['Hono', () => serving('../examples/gateway-in-hono.ts')],
])('a gateway in an application of %s', { timeout: 30_000 }, (_, started) => {
  test('is beside the routes of the application, which are what they were', async () => {
    const { ask } = await started()
    expect(await (await ask('/')).text()).toBe('The application')
    const ordered = await ask('/orders', { method: 'POST', headers: json, body: '{"of":"paper"}' })
    expect(await ordered.json()).toEqual({ ordered: { of: 'paper' } })
    expect((await ask('/v1/queues')).status).toBe(404)
    expect((await ask('/jobs/v1/queues')).status).toBe(200)
  })

  test('takes uploads of any type and size, and gives them out, whole or in part', async () => {
    const { ask, submit, queue } = await started()
    const bytes = randomBytes(32 * 1024 ** 2)
    const { href } = await submit(new Blob([bytes]).stream())
    const whole = await ask(`${href}/input`)
    expect(shaOf(new Uint8Array(await whole.arrayBuffer()))).toBe(shaOf(bytes))
    const part = await ask(`${href}/input`, { headers: { Range: 'bytes=1000-1003' } })
    expect([part.status, Buffer.from(await part.arrayBuffer())]).toEqual([206, bytes.subarray(1000, 1004)])
    await submit('{"dear":"reader"}', json)
    await (await nextOf(queue)).complete()
    expect(await (await nextOf(queue)).text()).toBe('{"dear":"reader"}')
  })

  test('tells of a job as it goes', async () => {
    const { ask, submit, queue } = await started()
    const { href } = await submit('dear reader')
    const events = await ask(`${href}/events`)
    await (await nextOf(queue)).complete({ assets: { out: 'DEAR READER' } })
    expect(await events.text()).toMatch(/event: status\n[^]*event: end\n[^]*"\/jobs\/v1\//)
  })

  test('has its page there, with what belongs to it', async () => {
    const { ask, submit } = await started()
    await submit('dear reader')
    const page = await (await ask('/jobs', { headers: { Accept: 'text/html' } })).text()
    const [, base = ''] = /<base href="([^"]+)"/.exec(page) ?? []
    expect(base).toBe('/jobs/')
    const links = [...page.matchAll(/(?:href|src)="(\.?\w[^"#]*)"/g)].map(([, link = '']) => base + link)
    expect(links.length).toBeGreaterThan(3)
    for (const link of links) expect([link, (await ask(link)).status]).toEqual([link, 200])
  })

  test('knows where its callers are: here, unless somebody hands their requests on', async () => {
    const { ask } = await started()
    expect((await ask('/jobs/v1/queues')).status).toBe(200)
    const handedOn = { 'X-Forwarded-For': '127.0.0.1' }
    expect((await ask('/jobs/v1/queues', { headers: handedOn })).status).toBe(403)
  })

  test('ends with the application', async () => {
    const { ask, server } = await started()
    await (await ask('/jobs/health')).text()
    server.kill('SIGTERM')
    expect(await server.output()).toHaveLength(1)
  })
})
