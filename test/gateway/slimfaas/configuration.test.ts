import { expect, test } from 'vitest'
import { createGateway } from '../../../src/gateway.ts'
import { localBackend } from '../../../src/local.ts'
import { slimFaasConfiguration } from '../../../src/runs.ts'
import { fibonacci, setup } from './setup.ts'

const schedules = { fibonacci: [{ Schedule: '0 0 * * *', Args: ['42'] }] }

test('the configuration is stored before the first answer, and once, however many ask at the same time', async () => {
  const { call, runs, schedules: kept } = await setup(undefined, { schedules })
  const answers = await Promise.all(Array.from({ length: 10 }, () => call('POST', '/job/fibonacci', {})))
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 202))
  expect(await runs.jobs.get('fibonacci')).toMatchObject({ version: expect.anything(), definition: { parallelism: 2 } })
  expect((await Array.fromAsync(kept.list())).map(({ cron }) => cron)).toEqual(['0 0 * * *'])
})

test('another gateway changes what differs, takes schedules away that are gone, and leaves those that callers made', async () => {
  const scene = await setup(undefined, { schedules })
  await scene.call('POST', '/job-schedules/fibonacci', { Schedule: '30 1 * * *' })
  const backend = localBackend({ directory: scene.directory })
  const slimFaas = slimFaasConfiguration({
    Configurations: { fibonacci: { ...fibonacci, NumberParallelJob: 5 }, more: fibonacci },
  })
  await using second = createGateway({ backend, slimFaas })
  await second.ready()
  expect((await scene.runs.jobs.get('fibonacci'))?.definition.parallelism).toBe(5)
  expect((await Array.fromAsync(scene.schedules.list())).map(({ cron }) => cron)).toEqual(['30 1 * * *'])
  // What is stored is offered by every gateway.
  expect((await scene.call('POST', '/job/more', {})).status).toBe(202)
})

test('without a configuration, what is stored from one is offered', async () => {
  const scene = await setup()
  await scene.gateway.ready()
  await using plain = createGateway({ backend: localBackend({ directory: scene.directory }) })
  const request = new Request('http://localhost/job/fibonacci', { method: 'POST' })
  expect((await plain(request, { remoteAddress: '127.0.0.1' })).status).toBe(202)
})

test('one that cannot be stored is told to whoever runs the gateway; callers get 503, and the next request tries again', async () => {
  const told: unknown[] = []
  const never = { fibonacci: [{ Schedule: '0 0 31 2 *' }] }
  const { gateway, call } = await setup(undefined, {
    schedules: never,
    options: { onError: (error) => told.push(error) },
  })
  await expect(gateway.ready()).rejects.toThrow('never comes')
  for (const times of [1, 2]) {
    const answer = await call('POST', '/job/fibonacci', {})
    expect(answer.status).toBe(503)
    expect(answer.headers.get('Retry-After')).toBe('5')
    expect(await answer.text()).not.toContain('31 2')
    expect(told.length).toBeGreaterThanOrEqual(times)
  }
})

test('where there is no queue of runs, nothing is there, and none is made', async () => {
  const scene = await setup()
  await using gateway = createGateway({
    backend: localBackend({ directory: scene.directory }),
    runsQueue: 'others',
  })
  for (const method of ['GET', 'POST']) {
    const request = new Request('http://localhost/job/fibonacci', { method })
    expect((await gateway(request, { remoteAddress: '127.0.0.1' })).status).toBe(404)
  }
})
