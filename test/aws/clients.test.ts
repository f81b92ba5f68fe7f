import { S3Client } from '@aws-sdk/client-s3'
import { SQSClient } from '@aws-sdk/client-sqs'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { awsBackend } from '../../src/aws/backend.ts'
import { Clients } from '../../src/aws/clients.ts'
import { bodiesConfig, pollsConfig, s3Config, sqsConfig } from '../../src/aws/config.ts'
import { newPlace, setup, setupReady } from './setup.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('clients handed in', () => {
  test('are used for everything, and not destroyed', async () => {
    const { emulator, place } = await setup()
    const s3 = new S3Client({ ...emulator.options, forcePathStyle: true })
    const sqs = new SQSClient({ ...emulator.options, useQueueUrlAsEndpoint: false })
    const destroyed = [vi.spyOn(s3, 'destroy'), vi.spyOn(sqs, 'destroy')]
    const sent = [vi.spyOn(s3, 'send'), vi.spyOn(sqs, 'send')]
    const opened = awsBackend({ s3, sqs }).open(place)
    await opened.ready()
    await opened.objects.put('key', Buffer.from('body'))
    await opened.objects.get('key')
    await opened.queue(place.deadLetterQueue).send({ body: 'body' })
    await opened.queue(place.deadLetterQueue).receive({ max: 1, waitSeconds: 0, leaseSeconds: 1 })
    expect(sent.reduce((sum, { mock }) => sum + mock.calls.length, 0)).toBe(emulator.requests.length)
    await opened.close()
    for (const spy of destroyed) expect(spy).not.toHaveBeenCalled()
    s3.destroy()
    sqs.destroy()
  })
})

describe('clients of our own', () => {
  test('are made at the first request', async () => {
    const { emulator, place } = await setup()
    const credentials = vi.fn(async () => emulator.options.credentials)
    const opened = awsBackend({ ...emulator.options, credentials }).open(place)
    opened.queue('pending')
    expect(credentials).not.toHaveBeenCalled()
    expect(emulator.requests).toEqual([])
    await opened.ready()
    expect(credentials).toHaveBeenCalled()
    await opened.close()
  })

  test('are gone with the place, which then refuses', async () => {
    const { objects, pending, close } = await setupReady()
    await close()
    await expect(objects.head('key')).rejects.toMatchObject({ code: 'CLOSED' })
    await expect(pending.send({ body: 'late' })).rejects.toMatchObject({ code: 'CLOSED' })
    await close()
  })

  test('each have a purpose, so that none waits for the sockets of another', () => {
    const clients = new Clients({ region: 'us-east-1' })
    expect(new Set([clients.s3, clients.bodies]).size).toBe(2)
    expect(new Set([clients.sqs, clients.polls]).size).toBe(2)
    expect(clients.s3).toBe(clients.s3)
    clients.close()
  })

  test('send while more polls wait than there are sockets for sends', async () => {
    const { emulator, place, pending } = await setupReady()
    const polls = Array.from({ length: 150 }, () => pending.receive({ max: 1, waitSeconds: 20, leaseSeconds: 30 }))
    await emulator.until('ReceiveMessage', 150)
    await pending.send({ body: 'one' })
    expect(emulator.count('SendMessage')).toBe(1)
    expect(place.pendingQueue).toBeDefined()
    const got = await Promise.all(polls)
    expect(got.flat().map(({ body }) => body)).toEqual(['one'])
  })
})

describe('settings', () => {
  test('of another server suit such servers', () => {
    const options = { endpoint: 'http://localhost:9000' }
    expect(s3Config(options)).toMatchObject({
      ...options,
      forcePathStyle: true,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    })
    expect(sqsConfig(options)).toMatchObject({ ...options, useQueueUrlAsEndpoint: false })
    vi.stubEnv('AWS_REQUEST_CHECKSUM_CALCULATION', 'WHEN_SUPPORTED')
    expect(s3Config(options)).not.toHaveProperty('requestChecksumCalculation')
  })

  test('of AWS are left to the SDK', () => {
    for (const name of ['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL_SQS']) vi.stubEnv(name, undefined)
    for (const name of ['region', 'credentials', 'endpoint', 'forcePathStyle', 'requestChecksumCalculation']) {
      expect(s3Config({})).not.toHaveProperty(name)
      expect(sqsConfig({})).not.toHaveProperty(name)
    }
    expect(s3Config({ region: 'eu-west-1' })).toMatchObject({ region: 'eu-west-1', maxAttempts: 6 })
  })

  test("know a server that the SDK's variables name", () => {
    vi.stubEnv('AWS_ENDPOINT_URL', 'http://localhost:4566')
    vi.stubEnv('AWS_ENDPOINT_URL_SQS', 'http://localhost:9324')
    expect(s3Config({})).toMatchObject({ endpoint: 'http://localhost:4566', forcePathStyle: true })
    expect(sqsConfig({})).toMatchObject({ endpoint: 'http://localhost:9324', useQueueUrlAsEndpoint: false })
    vi.stubEnv('AWS_IGNORE_CONFIGURED_ENDPOINT_URLS', 'true')
    expect(s3Config({})).not.toHaveProperty('endpoint')
  })

  test('wait for a connection and for an answer, but not for ever', () => {
    expect(s3Config({}).requestHandler).toMatchObject({ connectionTimeout: 3000, socketTimeout: 15_000 })
    expect(pollsConfig({}).requestHandler).toMatchObject({ connectionTimeout: 3000, socketTimeout: 30_000 })
    expect(sqsConfig({}).requestHandler).toMatchObject({ connectionTimeout: 3000, socketTimeout: 5000 })
    expect(bodiesConfig({}).requestHandler).toMatchObject({ requestTimeout: 15_000, throwOnRequestTimeout: true })
  })
})

test('opening a place does nothing, and closing it then neither', async () => {
  const opened = awsBackend({ endpoint: 'http://127.0.0.1:1' }).open(newPlace())
  await opened.close()
})
