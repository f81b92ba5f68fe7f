import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createGateway, type GatewayOptions } from '../../../src/gateway.ts'
import { onLocal } from '../../queue/setup.ts'
import { here, jsonOf, useGateway } from '../setup.ts'
import { packed, setup } from './setup.ts'

const stage = useGateway(onLocal)
const token = 'a-secret-token'

/** What a Slurml answers to who asks for a job. */
type Say = (answer: ServerResponse, looks: number) => void

/** A Slurml of this machine. */
async function slurmlOf(say: Say, take: Say = (answer) => answer.writeHead(201).end('{"jobid":42}')) {
  const submitted: unknown[] = []
  const seen: IncomingMessage[] = []
  let looks = 0
  const server = createServer((request, answer) => {
    void (async () => {
      seen.push(request)
      if (request.url === '/base/api/submit' && request.method === 'POST') {
        submitted.push(await json(request))
        take(answer, submitted.length)
      } else {
        looks += 1
        say(answer, looks)
      }
    })()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const slurml = { url: `http://127.0.0.1:${port}/base/`, token, lookSeconds: 0.05 }
  return { submitted, seen, options: { slurml } satisfies GatewayOptions['jobd'], looks: () => looks }
}

const outputOf = (text: string): string => JSON.stringify({ output: Buffer.from(text).toString('base64') })
const textOf = (output: unknown): string => Buffer.from(String(output), 'base64').toString()

test('a job for Slurml is handed over once, and followed over partial outputs to its end', async () => {
  let phase = 'waiting'
  const slurml = await slurmlOf((answer, looks) => {
    if (phase === 'waiting') answer.writeHead(204).end()
    else if (phase === 'partial') answer.writeHead(206).end(outputOf(`so far ${looks}`))
    else answer.writeHead(200).end(outputOf('all of it'))
  })
  const { upload, get, ended } = await setup(stage, { jobd: slurml.options })
  const input = await packed({ 'run.sh': 'true' })
  expect(await upload({ id: 's', slurml: true, input })).toMatchObject({ status: 201, body: { Slurml: true } })
  await expect.poll(slurml.looks, { timeout: 20_000 }).toBeGreaterThan(2)
  expect(slurml.submitted).toEqual([{ payload: input }])
  expect(slurml.seen.map(({ headers }) => headers.authorization)).toEqual(slurml.seen.map(() => token))
  expect(slurml.seen[1]?.url).toBe('/base/api/download/42')
  const waiting = await get('s')
  expect(waiting).toMatchObject({ status: 206, body: { SlurmID: 42, Slurml: true } })
  expect(waiting.body).not.toHaveProperty('Output')
  phase = 'partial'
  const outputs = new Set<string>()
  // It is kept up to date, and not left at the first.
  await vi.waitFor(
    async () => {
      const { status, body } = await get('s')
      expect([status, body['Status']]).toEqual([206, 'Partial'])
      outputs.add(textOf(body['Output']))
      expect(outputs.size).toBeGreaterThan(1)
    },
    { timeout: 20_000, interval: 50 },
  )
  phase = 'done'
  const { status, body } = await ended('s')
  expect([status, body['Status'], body['SlurmID'], textOf(body['Output'])]).toEqual([200, 'Completed', 42, 'all of it'])
  expect(await upload({ id: 's', input })).toMatchObject({ status: 400, body: { message: 'job already exists' } })
})

test('a job for Slurml is gone on with by the next gateway, and not handed over again', async () => {
  let isDone = false
  const slurml = await slurmlOf((answer) => {
    if (isDone) answer.writeHead(200).end(outputOf('done'))
    else answer.writeHead(204).end()
  })
  const scene = await setup(stage, { jobd: slurml.options })
  await scene.upload({ id: 's', slurml: true, input: await packed({ 'run.sh': 'true' }) })
  await expect.poll(slurml.looks, { timeout: 20_000 }).toBeGreaterThan(1)
  await scene.gateway.close()
  const looks = slurml.looks()
  isDone = true
  await using next = createGateway({ backend: scene.backend, jobd: { queue: scene.zips.name, ...slurml.options } })
  const answer = await vi.waitFor(
    async () => {
      const told = await next(new Request('http://localhost/api/get/s'), here)
      expect(told.status).toBe(200)
      return jsonOf(told)
    },
    { timeout: 20_000, interval: 100 },
  )
  expect(answer).toMatchObject({ Status: 'Completed', SlurmID: 42 })
  expect(slurml.submitted.length).toBe(1)
  expect(slurml.looks()).toBeGreaterThan(looks)
})

test.each([
  ['says that it failed', (answer: ServerResponse) => answer.writeHead(500).end('inside'), /it answered 500/],
  ['knows nothing of it', (answer: ServerResponse) => answer.writeHead(404).end(), /it answered 404/],
])('a job of which Slurml %s has failed', async (_, say, message) => {
  const slurml = await slurmlOf(say)
  const { upload, ended } = await setup(stage, { jobd: slurml.options })
  await upload({ id: 's', slurml: true, input: await packed({ 'run.sh': 'true' }) })
  const { status, body } = await ended('s')
  expect([status, body['Status'], body['Message']]).toEqual([200, 'Failed', expect.stringMatching(message)])
  expect(JSON.stringify(body)).not.toContain(token)
  expect(slurml.submitted.length).toBe(1)
})

test.each([
  ['refuses it', (answer: ServerResponse) => answer.writeHead(401).end(`no ${token}`)],
  ['takes it and says no number', (answer: ServerResponse) => answer.writeHead(201).end('{}')],
  ['leads elsewhere', (answer: ServerResponse) => answer.writeHead(302, { Location: 'http://127.0.0.1:1/' }).end()],
])('a job that Slurml %s fails, and the token is in no message', async (_, take) => {
  const slurml = await slurmlOf((answer) => answer.writeHead(204).end(), take)
  const told: unknown[] = []
  const { upload, ended } = await setup(stage, {
    jobd: slurml.options,
    onError: (error) => void told.push(error),
  })
  await upload({ id: 's', slurml: true, input: await packed({ 'run.sh': 'true' }) })
  const { body } = await ended('s')
  expect(body).toMatchObject({ Status: 'Failed', Message: expect.stringContaining('Slurml') })
  expect(JSON.stringify([body, told.map(String)])).not.toContain(token)
})

test('a Slurml that is busy, or breaks off, is asked again', async () => {
  const slurml = await slurmlOf((answer, looks) => {
    if (looks === 1) answer.writeHead(503).end()
    else if (looks === 2) answer.destroy()
    else if (looks === 3) answer.writeHead(206).end('{"output":"QUJ')
    else answer.writeHead(200).end(outputOf('done'))
  })
  const { upload, ended } = await setup(stage, { jobd: slurml.options })
  await upload({ id: 's', slurml: true, input: await packed({ 'run.sh': 'true' }) })
  expect((await ended('s')).body).toMatchObject({ Status: 'Completed' })
  expect(slurml.submitted.length).toBe(1)
})

test.each([
  [{ url: 'ftp://slurml' }, 'http or https'],
  [{ url: 'https://me:word@slurml' }, 'no user'],
  [{ url: 'https://slurml', token: 'a\nb' }, 'printable'],
])('an address %o of a Slurml is refused at once, without what is secret', (slurml, message) => {
  expect(() => createGateway({ jobd: { slurml } })).toThrow(message)
  expect(() => createGateway({ jobd: { slurml } })).not.toThrow(/word|a\nb/)
})
