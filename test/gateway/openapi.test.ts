import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Validator } from '@seriousme/openapi-schema-validator'
import { transform } from 'rolldown/experimental'
import { generateApi } from 'swagger-typescript-api'
import { expect, onTestFinished, test } from 'vitest'
import { nextOf, onLocal } from '../queue/setup.ts'
import { readDocument } from './document.ts'
import { here, jsonOf, type Scene, useGateway } from './setup.ts'

const { setup } = useGateway(onLocal)

test('the gateway describes itself as OpenAPI has it', async () => {
  const { gateway } = await setup()
  const { json, operations } = await readDocument(gateway)
  expect(await new Validator().validate(Object(json))).toEqual({ valid: true })
  const ids = operations.map(({ operationId }) => operationId)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids).toContain('createJob')
  for (const { responses } of operations) expect(Object.keys(responses)).toContain('default')
})

/** One call of the client that a program made of the document: what came of it, refusals too. */
type Call = (operation: string, ...given: readonly unknown[]) => Promise<Response & { readonly data: unknown }>

test('a client that is made of the description can call every operation', async () => {
  const runsScene = await setup()
  const scene = await setup({ backend: runsScene.backend, runsQueue: runsScene.name })
  const { operations } = await readDocument(scene.gateway)
  const called = new Set<string>()
  const client = await clientOf(scene)
  const call: Call = async (operation, ...given) => {
    called.add(operation)
    return client(operation, ...given)
  }
  await callJobs(call, scene)
  await callUploads(call, scene)
  await callRuns(call, scene)
  await callSchedules(call, scene)
  expect([...called].toSorted()).toEqual(operations.map(({ operationId }) => operationId).toSorted())
})

async function callJobs(call: Call, { name, queue }: Scene): Promise<void> {
  const raw = { type: 'text/plain' }
  expect((await call('createJob', name, { metadata: '{"n":1}', body: new File(['in'], 'a.txt') })).data).toMatchObject({
    queue: name,
  })
  const first = await nextOf(queue)
  expect([first.metadata['n'], first.filename, await first.text()]).toEqual([1, 'a.txt', 'in'])
  expect((await call('listJobs', name, { limit: 5 })).data).toMatchObject({ jobs: [{ id: first.id }] })
  expect((await call('getJob', name, first.id)).data).toMatchObject({ id: first.id, metadata: { n: 1 } })
  expect((await call('getResult', name, first.id)).status).toBe(202)
  await first.complete({ out: { body: 'out' } })
  expect((await call('getResult', name, first.id, { wait: 5 })).data).toMatchObject({ status: 'completed' })
  expect(await (await call('getAsset', name, first.id, 'out')).text()).toBe('out')
  expect(await (await call('getInput', name, first.id)).text()).toBe('in')
  const there = (await call('getInput', name, first.id, { redirect: 'true' })).headers.get('Location') ?? ''
  expect(await (await call('followLink', there.split('/').at(-1))).text()).toBe('in')
  expect(await (await call('getLogs', name, first.id)).text()).toBe('')
  expect(await (await call('watchJob', name, first.id)).text()).toContain('event: end')
  expect((await call('retryJob', name, first.id)).data).toMatchObject({ queue: name })
  const again = await nextOf(queue)
  expect((await call('cancelJob', name, again.id)).data).toEqual({ cancelled: true })
  expect((await call('listQueues')).data).toMatchObject({ queues: expect.any(Array) })
  expect((await call('getQueue', name)).data).toMatchObject({ name })
  expect((await call('listDeadLetters', name, { limit: 1 }, raw)).data).toEqual({ letters: [], more: false })
  expect((await call('redrive', name, { all: true })).data).toEqual({ redriven: [] })
}

async function callUploads(call: Call, { name, queue }: Scene): Promise<void> {
  const { key, url } = await jsonFrom(call('createUpload', name, { filename: 'b.txt' }))
  expect((await call('putUpload', String(url).split('/').at(-1), 'bytes', { type: 'text/plain' })).status).toBe(200)
  expect((await call('triggerUpload', name, { key, metadata: { n: 2 } })).status).toBe(201)
  expect(await (await nextOf(queue)).text()).toBe('bytes')
}

async function callRuns(call: Call, _: Scene): Promise<void> {
  expect((await call('createDefinition', { name: 'say', command: ['true'] })).data).toMatchObject({ version: 1 })
  expect((await call('listDefinitions')).data).toMatchObject({ definitions: [{ name: 'say' }] })
  expect((await call('updateDefinition', 'say', { retryLimit: 1 })).data).toMatchObject({ version: 2 })
  expect((await call('getDefinition', 'say')).data).toMatchObject({ definition: { retryLimit: 1 } })
  expect((await call('submitRun', { job: 'say', runName: 'first' })).data).toMatchObject({ name: 'first' })
  expect((await call('listRuns', { limit: 1 })).data).toMatchObject({ runs: [{ name: 'first' }] })
  expect((await call('getRun', 'first')).data).toMatchObject({ status: 'pending' })
  expect((await call('listRunEvents', 'first')).data).toMatchObject({ events: [{ kind: 'submitted' }] })
  expect(await (await call('getRunLogs', 'first')).text()).toBe('')
  expect((await call('restartRun', 'first')).data).toEqual({ indexes: '' })
  expect((await call('resubmitRun', 'first', { runName: 'second' })).data).toMatchObject({ name: 'second' })
  expect((await call('deleteRun', 'second')).status).toBe(204)
  expect((await call('deleteDefinition', 'say', { orphanRuns: 'false' })).status).toBe(204)
}

async function callSchedules(call: Call, { name }: Scene): Promise<void> {
  expect((await call('createSchedule', name, { name: 'nightly', cron: '0 3 * * *' })).data).toMatchObject({
    paused: false,
  })
  expect((await call('listSchedules', name)).data).toMatchObject({ schedules: [{ name: 'nightly' }] })
  expect((await call('updateSchedule', name, 'nightly', { missed: 'skip' })).data).toMatchObject({ missed: 'skip' })
  expect((await call('pauseSchedule', name, 'nightly')).data).toMatchObject({ paused: true })
  expect((await call('resumeSchedule', name, 'nightly')).data).toMatchObject({ paused: false })
  expect((await call('getSchedule', name, 'nightly')).data).toMatchObject({ cron: '0 3 * * *' })
  expect((await call('deleteSchedule', name, 'nightly')).status).toBe(204)
}

async function jsonFrom(call: ReturnType<Call>) {
  const { data } = await call
  return jsonOf(Response.json(data))
}

/** Makes a client of what the gateway says of itself, and loads it. */
async function clientOf({ gateway }: Scene): Promise<Call> {
  const { json } = await readDocument(gateway)
  const { files } = await generateApi({ output: false, spec: Object(json), httpClientType: 'fetch', silent: true })
  const { code, errors } = await transform('api.ts', files[0]?.fileContent ?? '')
  expect(errors).toEqual([])
  const directory = await mkdtemp(join(tmpdir(), 'remotejob-client-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const path = join(directory, 'api.mjs')
  await writeFile(path, code)
  const made: { Api: new (options: object) => object } = await import(/* @vite-ignore */ pathToFileURL(path).href)
  const customFetch = (url: string, init: RequestInit) => gateway(new Request(url, init), here)
  const api: unknown = Reflect.get(new made.Api({ baseUrl: 'http://localhost', customFetch }), 'v1')
  return async (operation, ...given) => {
    const method: unknown = Reflect.get(Object(api), operation)
    if (typeof method !== 'function') throw new Error(`The client has no ${operation}`)
    // It throws what is no 2xx.
    return Promise.resolve(Reflect.apply(method, api, given)).catch((refused: unknown) => {
      if (refused instanceof Response) return refused
      throw refused
    })
  }
}
