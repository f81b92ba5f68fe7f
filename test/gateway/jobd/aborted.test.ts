import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { createGateway } from '../../../src/gateway.ts'
import { Queue } from '../../../src/index.ts'
import { localBackend } from '../../../src/local.ts'
import { textsIn, zipOf } from '../../runs/zips/setup.ts'
import { listen } from '../slimfaas/front.ts'

const count = 1000
/** Every twentieth goes away in the middle of its body. */
const isAborted = (number: number): boolean => number % 20 === 7

test.skipIf(process.platform !== 'linux')(
  'of a thousand uploads at once, of which one in twenty breaks off in its body, each other one is one job that is done once, and nothing is left open or half written',
  { timeout: 400_000 },
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'remotejob-jobd-'))
    const backend = localBackend({ directory, fsync: false })
    const gateway = createGateway({ backend, jobd: { queue: 'zips' } })
    const queue = new Queue('zips', { backend })
    onTestFinished(async () => {
      await queue.close()
      await gateway.close()
      await rm(directory, { recursive: true, force: true })
    })
    const port = await listen(gateway)
    // Each on a connection of its own: one that idles may be closed in the moment in which it is used again.
    const agent = new Agent({ keepAlive: false, maxSockets: count })
    await queue.ready()
    // What a first request opens, and keeps.
    expect(await send(port, agent, { path: '/api/get/nobody' })).toMatchObject({ status: 404 })
    const before = readdirSync('/proc/self/fd').length

    // Too large to be anything but a file of its own.
    const noise = randomBytes(100_000)
    const numbers = Array.from({ length: count }, (_, number) => number)
    const answers = await Promise.all(
      numbers.map(async (number) => {
        const zip = await zipOf({ 'run.sh': `#!/bin/sh\necho ${number}\n`, noise: { body: noise, packed: false } })
        const body = JSON.stringify({ id: `n-${number}`, input: zip.toString('base64') })
        return send(port, agent, { path: '/api/upload', body, isAborted: isAborted(number) })
      }),
    )
    const whole = numbers.filter((number) => !isAborted(number))
    expect(answers.flatMap((answer, number) => (answer?.status === 201 ? [number] : []))).toEqual(whole)
    const listed = await Array.fromAsync(queue.list())
    expect(listed.map(({ id }) => id).toSorted()).toEqual(whole.map((number) => `n-${number}`).toSorted())

    agent.destroy()
    await expect.poll(() => readdirSync('/proc/self/fd').length, { timeout: 20_000 }).toBeLessThanOrEqual(before)
    const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    const filesIn = (folder: string) => files.filter(({ parentPath }) => basename(parentPath) === folder)
    expect(filesIn('tmp')).toEqual([])
    expect(filesIn('files').length).toBe(whole.length)

    const ran: string[] = []
    const worker = queue.work(async (job) => {
      ran.push(job.id)
      return { 'output.zip': job.createReadStream() }
    })
    for (const number of whole) await queue.result(`n-${number}`, { timeoutSeconds: 120 })
    await worker.close()
    expect(ran.toSorted()).toEqual(whole.map((number) => `n-${number}`).toSorted())
    const answer = await send(port, new Agent(), { path: `/api/get/n-${whole.at(-1)}` })
    const [output] = Object.values(JSON.parse(answer?.text ?? '{}') as Record<string, string>).slice(-1)
    expect(await textsIn(Buffer.from(String(output), 'base64'))).toMatchObject({
      'run.sh': `#!/bin/sh\necho ${whole.at(-1)}\n`,
    })
  },
)

interface Sent {
  readonly path: string
  readonly body?: string
  readonly isAborted?: boolean
}

/** What was answered; nothing to one who went away. */
async function send(port: number, agent: Agent, { path, body, isAborted: breaksOff = false }: Sent) {
  const headers = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) }
  const method = body === undefined ? 'GET' : 'POST'
  const sent = request({ port, host: '127.0.0.1', path, method, agent, headers })
  if (breaksOff && body !== undefined) {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    sent.on('error', () => {}).on('close', () => resolve(undefined))
    sent.write(body.slice(0, body.length - 5000), () => sent.destroy())
    return promise
  }
  sent.end(body)
  const [answer]: IncomingMessage[] = await once(sent, 'response')
  if (!answer) throw new Error('No answer came')
  return { status: answer.statusCode, text: await text(answer) }
}
