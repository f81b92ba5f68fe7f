import { execFile, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createToken, type LimitOptions, serve } from '../../../src/gateway.ts'
import { Queue } from '../../../src/index.ts'
import { localBackend } from '../../../src/local.ts'
import { nextOf } from '../../queue/setup.ts'

const hasCurl = spawnSync('curl', ['--version']).status === 0
const patience = { timeout: 20_000 }
const submitter = createToken({ name: 'ci', scopes: ['submit'] })
const reader = createToken({ name: 'eye', scopes: ['read'] })
const jobs = '/v1/queues/letters/jobs'
const go = 'HTTP/1.1 100 Continue\r\n\r\n'

async function setup(limits?: LimitOptions) {
  const directory = await mkdtemp(join(tmpdir(), 'remotejob-continue-'))
  const backend = localBackend({ directory, fsync: false })
  const tokens = [submitter.entry, reader.entry]
  const front = await serve({ port: 0, backend, tokens, limits, queues: ['letters'] })
  const queue = new Queue('letters', { backend })
  onTestFinished(async () => {
    await Promise.all([front.close({ timeoutSeconds: 0 }), queue.close()])
    await rm(directory, { recursive: true })
  })
  return { front, directory, queue, port: Number(new URL(front.url).port) }
}

/** A client that has sent the head of a request, and waits to be told to go on. */
async function waiting(port: number, { path = jobs, token = submitter.token, size = 'Content-Length: 1000000' } = {}) {
  const socket = connect(port, '127.0.0.1')
  const chunks: string[] = []
  socket.setEncoding('latin1').on('data', (text: string) => chunks.push(text))
  socket.on('error', () => {})
  const closed = once(socket, 'close')
  onTestFinished(() => void socket.destroy())
  const lines = [
    `POST ${path} HTTP/1.1`,
    'Host: localhost',
    `Authorization: Bearer ${token}`,
    'Expect: 100-continue',
    size,
  ]
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  return { socket, closed, heard: () => chunks.join('') }
}

describe('a client that asks whether it may send its body', () => {
  test.each([
    ['401', 'no token', { token: '' }],
    ['401', 'no token and chunks', { token: '', size: 'Transfer-Encoding: chunked' }],
    ['401', 'no token and gigabytes', { token: '', size: 'Content-Length: 4000000000' }],
    ['401', 'a wrong token', { token: 'none' }],
    ['403', 'a token that may not', { token: reader.token }],
    ['404', 'a queue that is not there', { path: '/v1/queues/others/jobs' }],
    ['404', 'no route', { path: '/v1/nothing', size: 'Content-Length: 4000000000' }],
    ['413', 'too many bytes', { size: 'Content-Length: 6000000000' }],
  ])('is refused with %s without having sent it, for %s', async (status, _, asked) => {
    const { port } = await setup()
    const { heard, closed } = await waiting(port, asked)
    await closed
    expect(heard()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  })

  test('is refused with 429 without having sent it', async () => {
    const { port, front } = await setup({ requestsPerSecond: 1 })
    const headers = { Authorization: `Bearer ${submitter.token}` }
    for (let asked = 0; asked < 10; asked += 1) await fetch(`${front.url}/v1/queues`, { headers })
    const { heard, closed } = await waiting(port)
    await closed
    expect(heard()).toMatch(/^HTTP\/1\.1 429 /)
  })

  test.each([
    ['of a size', 'Content-Length: 11', 'dear reader'],
    ['of a large size', 'Content-Length: 3000000', 'x'.repeat(3_000_000)],
    ['in chunks', 'Transfer-Encoding: chunked', 'b\r\ndear reader\r\n0\r\n\r\n'],
  ])('is told to, once, when it is read: a body %s', async (_, size, body) => {
    const { port, queue } = await setup()
    const { socket, heard } = await waiting(port, { size })
    await expect.poll(heard, patience).toBe(go)
    socket.write(body)
    await expect.poll(heard, patience).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 201 /)
    expect(await (await nextOf(queue)).text()).toBe(body.startsWith('x') ? body : 'dear reader')
  })

  test.skipIf(!hasCurl)('may be curl, with a job and with an upload', async () => {
    const { front, directory, queue } = await setup()
    const bytes = randomBytes(3_000_000)
    const file = join(directory, 'photo.jpg')
    await writeFile(file, bytes)
    const curl = async (...words: string[]) => {
      const always = ['-sS', '-v', '-w', ' %{http_code}', '-H', 'Expect: 100-continue', '--expect100-timeout', '60']
      return promisify(execFile)('curl', [...always, ...words])
    }
    const authorization = ['-H', `Authorization: Bearer ${submitter.token}`]
    const job = await curl(...authorization, '-X', 'POST', '-T', file, front.url + jobs)
    expect([job.stdout, job.stderr]).toEqual([expect.stringMatching(/ 201$/), expect.stringContaining('100 Continue')])
    expect((await (await nextOf(queue)).bytes()).equals(bytes)).toBe(true)
    const asked = ['-H', 'Content-Type: application/json', '-d', '{}', `${front.url}/v1/queues/letters/uploads`]
    const [answer = ''] = (await curl(...authorization, ...asked)).stdout.split(' 201')
    const { url } = z.object({ url: z.string() }).parse(JSON.parse(answer))
    const upload = await curl('-T', file, front.url + url)
    expect([upload.stdout, upload.stderr]).toEqual([' 200', expect.stringContaining('100 Continue')])
    const refused = await curl('-T', file, `${front.url}/v1/uploads/none`)
    expect(refused.stdout).toMatch(/ 4\d\d$/)
    expect(refused.stderr).not.toContain('100 Continue')
  })
})
