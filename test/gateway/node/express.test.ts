import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express, { type RequestHandler } from 'express'
import { expect, onTestFinished, test } from 'vitest'
import { createGateway, nodeListener } from '../../../src/gateway.ts'
import { Queue } from '../../../src/index.ts'
import { localBackend } from '../../../src/local.ts'

/** An application of Express, with something before the gateway. */
async function behind(...before: readonly RequestHandler[]) {
  const directory = await mkdtemp(join(tmpdir(), 'remotejob-express-'))
  const backend = localBackend({ directory, fsync: false })
  const gateway = createGateway({ backend, basePath: '/jobs', queues: ['letters'] })
  const queue = new Queue('letters', { backend })
  const app = express()
  for (const one of before) app.use(one)
  app.use('/jobs', nodeListener(gateway))
  app.use((_, answer) => void answer.status(404).send('nothing of the application'))
  const server = app.listen(0, '127.0.0.1')
  onTestFinished(async () => {
    server.close()
    server.closeAllConnections()
    await Promise.all([gateway.close(), queue.close()])
    await rm(directory, { recursive: true })
  })
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { queue, ask: (path: string, init?: RequestInit) => fetch(origin + path, init) }
}

const jobs = '/jobs/v1/queues/letters/jobs'
const post = (body: string, type: string) => ({ method: 'POST', body, headers: { 'Content-Type': type } })

test('a body that something before the gateway has read is told of, and makes no empty job', async () => {
  const { ask, queue } = await behind(express.json())
  const answer = await ask(jobs, post('{"dear":"reader"}', 'application/json'))
  expect([answer.status, await answer.json()]).toEqual([
    500,
    expect.objectContaining({ detail: expect.stringContaining('mount the gateway before express.json()') }),
  ])
  await queue.ready()
  expect(await Array.fromAsync(queue.list())).toEqual([])
  expect((await ask(jobs, post('dear reader', 'text/plain'))).status).toBe(201)
  expect((await ask(jobs)).status).toBe(200)
})

test('what the gateway does not have below its path is its own answer, and what is elsewhere is the application’s', async () => {
  const { ask } = await behind()
  const [own, other] = await Promise.all([ask('/jobs/nothing?a=1'), ask('/nothing')])
  expect([own.status, await own.json()]).toEqual([
    404,
    expect.objectContaining({ detail: 'There is nothing at GET /jobs/nothing' }),
  ])
  expect([other.status, await other.text()]).toEqual([404, 'nothing of the application'])
})
