/**
 * SQS and S3 for the bench, in a process of its own: answers as late as it is told to, counts what it is asked, and checks
 * nothing, since a server that takes its time would be what is measured.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { type Answer, FakeS3 } from './fake-s3.ts'
import { FakeSqs } from './fake-sqs.ts'

/** Milliseconds by which answers are late, by kind of request. */
export interface Delays {
  readonly sqs: number
  readonly put: number
  readonly get: number
}

/** What this process is asked by its parent. */
export type Order = { readonly delays: Delays } | { readonly left: string } | 'count' | 'wake' | 'clear'

const server = createServer({ requestTimeout: 0 }, (request, response) => {
  serve(request, response).catch(() => response.destroy())
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const address = server.address()
const endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
const sqs = new FakeSqs((name) => `${endpoint}/000000000000/${name}`)
const s3 = new FakeS3()
let delays: Delays = { sqs: 0, put: 0, get: 0 }
let requests = 0

process.on('message', (order: Order) => process.send?.(obey(order)))
process.on('disconnect', () => process.exit())
process.send?.(endpoint)

function obey(order: Order): number {
  if (order === 'count') return requests
  if (order === 'wake') {
    sqs.wake()
    return 0
  }
  if (order === 'clear') {
    sqs.clear()
    s3.clear()
    return 0
  }
  if ('left' in order) return sqs.left(order.left)
  delays = order.delays
  return 0
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  requests += 1
  const [body] = await Promise.all([buffer(request), late(request)])
  const target = request.headers['x-amz-target']
  const {
    status,
    headers,
    body: text,
  } = target === undefined ? objectAnswer(request, body) : await messageAnswer(String(target), body)
  response.writeHead(status, headers).end(text)
}

async function late({ method, headers }: IncomingMessage): Promise<void> {
  const delay = headers['x-amz-target'] === undefined ? (method === 'PUT' ? delays.put : delays.get) : delays.sqs
  if (delay > 0) await wait(delay)
}

function objectAnswer({ method = '', url = '', headers }: IncomingMessage, body: Buffer): Answer {
  return s3.answer(method, url.split('?')[0] ?? '', headers, body)
}

async function messageAnswer(target: string, body: Buffer): Promise<Answer> {
  const answer = await sqs.answer(target.split('.').at(-1) ?? '', JSON.parse(body.toString()))
  return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: JSON.stringify(answer) }
}
