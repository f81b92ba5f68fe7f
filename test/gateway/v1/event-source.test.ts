import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'
import { finished } from 'node:stream/promises'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { serve, type Front, type ServeOptions } from '../../../src/gateway.ts'
import { nextOf, onLocal } from '../../queue/setup.ts'
import { useGateway } from '../setup.ts'

const { setup } = useGateway(onLocal)
const patience = { timeout: 20_000, interval: 50 }

afterEach(() => {
  vi.useRealTimers()
})

/** A gateway that listens, over a queue of its own with a job in it. */
async function scene() {
  const { backend, queue, jobs, post } = await setup()
  const id = await post('jobs', 'in')
  const open = async (options: ServeOptions = {}): Promise<Front> => {
    const front = await serve({ port: 0, backend, ...options })
    onTestFinished(() => front.close({ timeoutSeconds: 0 }))
    return front
  }
  return { queue, id, path: `${jobs}/${id}/events`, open }
}

/** All that comes over the wire, and how it ends. */
async function listen(url: string) {
  const request = get(url)
  const [answer]: IncomingMessage[] = await once(request, 'response')
  if (!answer) throw new Error('No answer came')
  let text = ''
  answer.setEncoding('utf8').on('data', (more: string) => (text += more))
  const ended = finished(answer)
  ended.catch(() => {})
  onTestFinished(() => void request.destroy())
  return { heard: () => text, ended }
}

/** Node's own `EventSource` in a process of its own: each thing that it hears is a line. */
const listener = `
// Waiting to come back does not keep a process alive.
setInterval(() => {}, 1_000_000)
const source = new EventSource(process.argv[1])
const say = (what) => console.log(JSON.stringify(what))
for (const event of ['status', 'progress', 'log', 'end'])
  source.addEventListener(event, ({ data }) => say([event, JSON.parse(data)]))
source.addEventListener('error', () => say(source.readyState === EventSource.CLOSED ? ['closed'] : ['lost']))
`

function eventSource(url: string): { heard(): readonly (readonly unknown[])[] } {
  const child = spawn(process.execPath, ['--experimental-eventsource', '--no-warnings', '-e', listener, url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill())
  const heard: unknown[][] = []
  createInterface(child.stdout).on('line', (line) => heard.push(JSON.parse(line)))
  return { heard: () => heard }
}

describe('somebody who watches over a connection', { timeout: 60_000 }, () => {
  test('that is silent hears a sign of life', async () => {
    const { id, path, open } = await scene()
    const { url } = await open()
    const { heard } = await listen(url + path)
    await expect.poll(heard, patience).toContain(`"id":"${id}"`)
    const before = heard()
    // It begins at 0, however long this process has been there, and stands still afterwards.
    vi.useFakeTimers({ toFake: ['performance'] })
    vi.advanceTimersByTime(86_400_000)
    await expect.poll(heard, patience).toBe(`${before}:\n\n`)
  })

  test('is told when to come back before anything else, and is let go in order by a gateway that closes', async () => {
    const { path, open } = await scene()
    const front = await open()
    const { heard, ended } = await listen(front.url + path)
    await expect.poll(heard, patience).toMatch(/^retry: \d{4}\n\nevent: status\n/)
    await front.close()
    // Not cut off: the last chunk came.
    await ended
    expect(heard()).not.toContain('event: end')
  })

  test('and whose gateway is replaced comes back by itself: it hears all once, and the end', async () => {
    const { id, path, queue, open } = await scene()
    const first = await open()
    const port = Number(new URL(first.url).port)
    const { heard } = eventSource(first.url + path)
    const names = (): readonly unknown[] => heard().map(([name]) => name)
    await expect.poll(names, patience).toEqual(['status'])
    const job = await nextOf(queue)
    await job.progress({ percent: 40 })
    await expect.poll(names, patience).toEqual(['status', 'status', 'progress'])
    await finished(job.createLog('stdout').end('one'))
    await expect.poll(names, patience).toEqual(['status', 'status', 'progress', 'log'])
    await first.close()
    await expect.poll(names, patience).toContain('lost')
    await finished(job.createLog('stdout').end('two'))
    await open({ port })
    await expect.poll(names, patience).toEqual(['status', 'status', 'progress', 'log', 'lost', 'log'])
    await job.progress({ percent: 80 })
    await expect.poll(() => heard().at(-1), patience).toMatchObject(['progress', { percent: 80 }])
    // What another try reports is news, though it is the same.
    await job.release()
    const again = await nextOf(queue)
    await again.progress({ percent: 80 })
    await expect.poll(() => names().filter((name) => name === 'progress').length, patience).toBe(3)
    await again.complete({ value: 7 })
    await expect.poll(names, patience).toContain('closed')
    const after = heard().slice(6)
    expect(after.filter(([name]) => name !== 'lost' && name !== 'status')).toMatchObject([
      ['progress', { percent: 80 }],
      ['progress', { percent: 80 }],
      ['end', { id, value: 7 }],
      ['closed'],
    ])
    expect(after.findLast(([name]) => name === 'status')).toMatchObject(['status', { status: 'completed' }])
    expect(heard().flatMap(([name, data]) => (name === 'log' ? [data] : []))).toMatchObject([
      { text: 'one' },
      { text: 'two' },
    ])
  })
})
