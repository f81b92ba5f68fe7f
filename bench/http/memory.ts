import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { tableOf } from '../process/table.ts'
import { childOf } from './requests.ts'
import type { Figures } from './server.ts'

const jobs = '/v1/queues/bench/jobs'
const mib = 1024 ** 2
const gib = 1024 ** 3

const inMib = (bytes: number): string => (bytes / mib).toFixed(0)

/** One file of a GiB up and down again, in a folder. */
export async function largeFiles(directory: string): Promise<string> {
  await using child = childOf({ kind: 'gateway', directory })
  const url = await child.answer<string>()
  const start = await child.ask<Figures>('figures')
  const [up, id] = await taken(() => upload(url))
  const afterUpload = await child.ask<Figures>('figures')
  const [down] = await taken(() => download(`${url}${jobs}/${id}/input`))
  const end = await child.ask<Figures>('figures')
  const rate = (seconds: number): string => (1024 / seconds).toFixed(0)
  return `## Large files

A body of 1 GiB as a job's input, to the local backend and back. The goal is less than 220 MiB at any time.

${tableOf(
  ['', 'MiB/s', 'most memory of the server, MiB'],
  [
    ['before', '', inMib(start.peak)],
    ['up', rate(up), inMib(afterUpload.peak)],
    ['down', rate(down), inMib(end.peak)],
  ],
)}`
}

/** Clients that listen to jobs of which nothing is to be told. */
export async function listeners(directory: string, count: number): Promise<string> {
  await using child = childOf({ kind: 'gateway', directory })
  const url = await child.answer<string>()
  const ids: string[] = []
  for (let at = 0; at < count; at += 1) ids.push(await newJob(url, 'x'))
  const before = await child.ask<Figures>('figures')
  const open = await Promise.all(ids.map((id) => listen(`${url}${jobs}/${id}/events`)))
  const seconds = 30
  await wait(seconds * 1000)
  const after = await child.ask<Figures>('figures')
  for (const one of open) one.destroy()
  return `## Listeners

${count} clients, each of which listens to another job (server-sent events) that nobody works on. The goal is less than 100 MiB for all of them.

${tableOf(
  ['', 'memory of the server, MiB'],
  [
    ['before', inMib(before.memory)],
    [`after ${seconds} seconds`, inMib(after.memory)],
    ['more', inMib(after.memory - before.memory)],
  ],
)}`
}

async function newJob(url: string, body: string): Promise<string> {
  return idOf(await fetch(url + jobs, { method: 'POST', body }))
}

async function idOf(answer: Response): Promise<string> {
  if (answer.status !== 201) throw new Error(`${answer.status}: ${await answer.text()}`)
  return ((await answer.json()) as { readonly id: string }).id
}

async function upload(url: string): Promise<string> {
  const chunk = Buffer.alloc(mib, 'x')
  let left = gib / mib
  const body = Readable.from(
    (function* () {
      for (; left > 0; left -= 1) yield chunk
    })(),
  )
  const sent = request(url + jobs, { method: 'POST', headers: { 'Content-Length': gib } })
  body.pipe(sent)
  const answer = await answerTo(sent)
  const text = Buffer.concat(await answer.toArray()).toString()
  if (answer.statusCode !== 201) throw new Error(`${answer.statusCode}: ${text}`)
  return (JSON.parse(text) as { readonly id: string }).id
}

async function download(url: string): Promise<void> {
  const answer = await answerTo(request(url).end())
  let bytes = 0
  for await (const chunk of answer) bytes += (chunk as Buffer).byteLength
  if (bytes !== gib) throw new Error(`${answer.statusCode}: ${bytes} bytes came`)
}

async function listen(url: string): Promise<IncomingMessage> {
  const answer = await answerTo(request(url, { agent: false }).end())
  if (answer.statusCode !== 200) throw new Error(`${answer.statusCode} for ${url}`)
  answer.resume().on('error', () => {}) // it is torn off at the end
  return answer
}

async function answerTo(sent: ClientRequest): Promise<IncomingMessage> {
  const [answer]: IncomingMessage[] = await once(sent, 'response')
  if (!answer) throw new Error('No answer')
  return answer
}

async function taken<Result>(work: () => Promise<Result>): Promise<readonly [seconds: number, result: Result]> {
  const began = performance.now()
  const result = await work()
  return [(performance.now() - began) / 1000, result]
}
