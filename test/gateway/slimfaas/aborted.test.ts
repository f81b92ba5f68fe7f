import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { Agent, type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { forEachOf } from '../../../src/for-each-of.ts'
import { listen } from './front.ts'
import { setup } from './setup.ts'

const count = 1000
/** Every twentieth goes away in the middle of its body. */
const isAborted = (number: number): boolean => number % 20 === 7

/** The sockets that this process has open, where it can be told. */
function sockets(): number {
  if (process.platform !== 'linux') return 0
  return readdirSync('/proc/self/fd').filter((fd) => linkOf(fd).startsWith('socket:')).length
}

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    return ''
  }
}

test(
  'of a thousand requests at once, of which one in twenty breaks off in its body, each other one is one job that is done once',
  { timeout: 300_000 },
  async () => {
    const scene = await setup()
    await scene.gateway.ready()
    const file = join(scene.directory, 'done')
    await scene.runs.jobs.update('fibonacci', { command: ['sh', '-c', 'echo "$1" >>"$0"', file], parallelism: 8 })
    const port = await listen(scene.gateway)
    await scene.call('GET', '/job/fibonacci')
    const before = sockets()
    const agent = new Agent({ keepAlive: true, maxSockets: count })

    const numbers = Array.from({ length: count }, (_, number) => number)
    const ids = await Promise.all(numbers.map((number) => post(port, agent, number)))
    agent.destroy()

    const accepted = ids.filter((id) => id !== undefined)
    expect(accepted).toHaveLength(count - numbers.filter(isAborted).length)
    expect(new Set(accepted).size).toBe(accepted.length)
    const listed = await scene.list('fibonacci')
    expect(listed.map(({ Id }) => Id).toSorted()).toEqual(accepted.toSorted())
    expect(listed.map(({ PositionInQueue }) => PositionInQueue)).toEqual(accepted.map((_, at) => at + 1))

    await using _worker = scene.runs.work({ concurrency: 8 })
    await forEachOf(listed, 8, ({ Name }) => scene.runs.wait(Name, { lookSeconds: 1 }))
    const done = readFileSync(file, 'utf8').trim().split('\n').map(Number)
    expect(done.toSorted((a, b) => a - b)).toEqual(numbers.filter((number) => !isAborted(number)))
    await expect.poll(sockets).toBeLessThanOrEqual(before)
  },
)

/** The id that a job was answered with; `undefined` of one that broke off. */
async function post(port: number, agent: Agent, number: number): Promise<string | undefined> {
  const body = JSON.stringify({ Args: [String(number)] })
  const headers = { 'Content-Length': Buffer.byteLength(body) }
  const sent = request({ port, host: '127.0.0.1', path: '/job/fibonacci', method: 'POST', agent, headers })
  if (isAborted(number)) {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    sent.on('error', () => undefined).on('close', () => resolve(undefined))
    sent.write(body.slice(0, -3), () => sent.destroy())
    return promise
  }
  sent.end(body)
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  const told = await text(answer)
  if (answer.statusCode !== 202) throw new Error(`${answer.statusCode}: ${told}`)
  return (JSON.parse(told) as { readonly Id: string }).Id
}
