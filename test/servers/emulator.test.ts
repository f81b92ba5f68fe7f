import { networkInterfaces } from 'node:os'
import { connect } from 'node:net'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { type Emulator, startEmulator } from './emulator.ts'

test('of any number of conditional writes one wins', async () => {
  const { put } = await setup()
  const statuses = await Promise.all(Array.from({ length: 30 }, () => put('key', { 'if-none-match': '*' })))
  expect(statuses.toSorted()).toEqual([200, ...Array<number>(29).fill(412)])
})

test('a write may be bound to a version', async () => {
  const { put, request } = await setup()
  expect(await put('key', { 'if-match': '"any"' })).toBe(404)
  await put('key')
  const { headers } = await request('HEAD', 'key')
  expect(await put('key', { 'if-match': '"other"' })).toBe(412)
  expect(await put('key', { 'if-match': headers.get('etag') ?? '' })).toBe(200)
})

test('a deleted key is free again', async () => {
  const { put, request } = await setup()
  await put('key')
  await request('DELETE', 'key')
  expect(await put('key', { 'if-none-match': '*' })).toBe(200)
})

test('conditions can be ignored, as some servers do', async () => {
  const { emulator, put } = await setup()
  emulator.ignoreConditions = true
  await put('key')
  expect(await put('key', { 'if-none-match': '*' })).toBe(200)
})

test('requests are recorded by operation and key', async () => {
  const { emulator, put, request } = await setup()
  await put('a/b+c')
  await request('GET', 'a/b+c')
  expect(
    emulator.requests.map(({ service, operation, bucket, key, bytes }) => [service, operation, bucket, key, bytes]),
  ).toEqual([
    ['s3', 'PutObject', 'bucket', 'a/b+c', 4],
    ['s3', 'GetObject', 'bucket', 'a/b+c', 0],
  ])
  expect([emulator.count(), emulator.count('GetObject')]).toEqual([2, 1])
  emulator.reset()
  expect(emulator.requests).toEqual([])
})

test('a request can fail before or after its effect', async () => {
  const { emulator, put, request } = await setup()
  emulator.fail({ operation: 'PutObject', answer: { status: 503, code: 'SlowDown' } })
  expect(await put('before')).toBe(503)
  expect((await request('HEAD', 'before')).status).toBe(404)
  emulator.fail({ operation: 'PutObject', when: 'after', answer: 'drop' })
  await expect(put('after')).rejects.toThrow()
  expect((await request('HEAD', 'after')).status).toBe(200)
})

test('faults count the requests that fit them', async () => {
  const { emulator, put } = await setup()
  emulator.fail({ key: /^b/, from: 2, times: 2, answer: { status: 500 } })
  const statuses = []
  for (const key of ['b', 'a', 'b2', 'b3', 'b4']) statuses.push(await put(key))
  expect(statuses).toEqual([200, 200, 500, 500, 200])
})

test('nothing listens beyond this machine', async () => {
  const { emulator } = await setup()
  const outside = Object.values(networkInterfaces()).flatMap((addresses = []) =>
    addresses.filter(({ internal }) => !internal),
  )
  for (const port of [Number(new URL(emulator.endpoint).port), emulator.innerPort]) {
    for (const { address } of outside.filter(({ family }) => family === 'IPv4')) {
      const socket = connect(port, address)
      await expect(once(socket, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    }
  }
})

async function setup() {
  const emulator: Emulator = await startEmulator()
  onTestFinished(() => emulator.close())
  const request = (method: string, key: string, headers = {}, body?: string): Promise<Response> =>
    fetch(`${emulator.endpoint}/bucket/${encodeURIComponent(key)}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    })
  await fetch(`${emulator.endpoint}/bucket`, { method: 'PUT' })
  emulator.reset()
  const put = async (key: string, headers = {}): Promise<number> => (await request('PUT', key, headers, 'body')).status
  return { emulator, request, put }
}
