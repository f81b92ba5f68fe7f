import { afterEach, describe, expect, test, vi } from 'vitest'
import { fireSchedules } from '../../../src/lifecycle/fire-schedules.ts'
import { KnownSchedules } from '../../../src/lifecycle/known-schedules.ts'
import { source } from '../../../src/worker.ts'
import { fibonacci, setup } from './setup.ts'

afterEach(() => {
  vi.useRealTimers()
})

interface Id {
  readonly Id: string
}
const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const configured = { schedules: { fibonacci: [{ Schedule: '0 0 * * *', Args: ['42'] }] } }

describe('/job-schedules/<name>', () => {
  test('a schedule that is made is listed with SlimFaas’s members and defaults, in its order, and can be deleted', async () => {
    const { call } = await setup(undefined, configured)
    const answer = await call('POST', '/job-schedules/Fibonacci', { Schedule: '0 0 * * *' })
    expect(answer.status).toBe(201)
    const { Id } = (await answer.json()) as Id
    expect(Id).toMatch(guid)
    const listed = await call('GET', '/job-schedules/fibonacci')
    expect(listed.status).toBe(200)
    expect(await listed.text()).toBe(
      `[{"Id":"${Id}","Schedule":"0 0 * * *","Args":[],"Image":"","BackoffLimit":1,"TtlSecondsAfterFinished":60,` +
        '"RestartPolicy":"Never","DependsOn":[]}]',
    )
    const deleted = await call('DELETE', `/job-schedules/fibonacci/${Id.toUpperCase()}`)
    expect([deleted.status, await deleted.text()]).toEqual([204, ''])
    expect((await call('DELETE', `/job-schedules/fibonacci/${Id}`)).status).toBe(404)
    expect(await (await call('GET', '/job-schedules/fibonacci')).json()).toEqual([])
  })

  test('what it says instead of the job is listed, and lowered resources are told of', async () => {
    const { call } = await setup()
    const body = {
      Schedule: '0/15 8-18 * * 1-5',
      Args: ['42', '43'],
      BackoffLimit: 3,
      TtlSecondsAfterFinished: 100,
      RestartPolicy: 'OnFailure',
      Resources: { Requests: { cpu: '200m' }, Limits: { cpu: '1', memory: '200Mi' } },
      Environments: [{ name: 'LEVEL', value: 'info' }],
      DependsOn: ['fibonacci2'],
    }
    const answer = await call('POST', '/job-schedules/fibonacci', body)
    expect(answer.status).toBe(201)
    expect(answer.headers.get('Warning')).toContain('Resources.Limits.cpu is lowered to 400m')
    const { Id } = (await answer.json()) as Id
    expect(await (await call('GET', '/job-schedules/fibonacci')).json()).toEqual([
      {
        ...body,
        Id,
        Image: '',
        Resources: { Requests: { cpu: '200m', memory: '400Mi' }, Limits: { cpu: '400m', memory: '200Mi' } },
        Environments: [{ Name: 'LEVEL', Value: 'info' }],
      },
    ])
  })

  test.each([
    ['no Schedule', { Args: ['1'] }, /`Schedule` to be when to run/],
    ['four fields', { Schedule: '0 0 * *' }, /`Schedule` to be five fields/],
    ['a minute that there is not', { Schedule: '60 0 * * *' }, /`Schedule`.*outside/],
    ['a step of 0', { Schedule: '*/0 * * * *' }, /step of 0/],
    ['words', { Schedule: 'every full hour of it' }, /`Schedule`/],
    ['a day that never comes', { Schedule: '0 0 31 2 *' }, /never comes/],
    ['an image that is not allowed', { Schedule: '0 0 * * *', Image: 'evil/miner' }, /`Image`/],
    ['no object', 'null', /nothing/],
  ])('is refused with 400 and a reason where there is %s, and nothing is kept', async (_, body, reason) => {
    const { call, schedules } = await setup()
    const answer = await call('POST', '/job-schedules/fibonacci', body)
    expect(answer.status).toBe(400)
    expect(((await answer.json()) as { readonly detail: string }).detail).toMatch(reason)
    expect(await Array.fromAsync(schedules.list())).toEqual([])
  })

  test.each(['0 0 29 2 *', '0 0 * * 7', '0 0 * JAN MON-FRI', '0/15 * * * *', '*/2 * * * *', '0 0 1 * 0'])(
    'takes %s',
    async (Schedule) => {
      const { call } = await setup()
      expect((await call('POST', '/job-schedules/fibonacci', { Schedule })).status).toBe(201)
    },
  )

  test('a schedule of a name that is not configured runs what Default says; without Default it is 404', async () => {
    const { call } = await setup({ Default: { Command: ['true'] } })
    const { Id } = (await (await call('POST', '/job-schedules/whatever', { Schedule: '0 0 * * *' })).json()) as Id
    expect(await (await call('GET', '/job-schedules/whatever')).json()).toMatchObject([{ Id }])
    expect(await (await call('GET', '/job-schedules/other')).json()).toEqual([])
    const { call: plain } = await setup()
    expect((await plain('POST', '/job-schedules/whatever', { Schedule: '0 0 * * *' })).status).toBe(404)
  })

  test('configured ones have eight digits in /jobs/status, are not among those that callers made, and cannot be deleted', async () => {
    const { call, schedules } = await setup(undefined, configured)
    const [status] = (await (await call('GET', '/jobs/status')).json()) as readonly {
      readonly Schedules: readonly Id[]
    }[]
    expect(status?.Schedules).toHaveLength(1)
    const id = status?.Schedules[0]?.Id ?? ''
    expect(id).toMatch(/^[0-9a-f]{8}$/)
    expect(await (await call('GET', '/job-schedules/fibonacci')).json()).toEqual([])
    expect((await call('DELETE', `/job-schedules/fibonacci/${id}`)).status).toBe(404)
    expect(await Array.fromAsync(schedules.list())).toHaveLength(1)
  })

  test(
    'a tick makes a run with an id that the list shows, and by which it can be deleted',
    { timeout: 60_000 },
    async () => {
      const name = 'a'.repeat(30)
      const { call, until, list, queue, runs } = await setup({ [name]: fibonacci })
      // Made an hour ago, as it were: so a tick has come.
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3_600_000 })
      expect((await call('POST', `/job-schedules/${name}`, { Schedule: '0 * * * *', Args: ['7'] })).status).toBe(201)
      vi.useRealTimers()
      await fireSchedules(await queue[source].open(), { known: new KnownSchedules() })
      await using _worker = runs.work()
      const [made] = await until(name, ([first]) => first?.Status === 'Succeeded')
      expect(made?.Name).toMatch(/^a{29}-[0-9a-f]{8}-\d{8}t\d{4}z$/)
      expect((await call('DELETE', `/job/${name}/${made?.Id}`)).status).toBe(200)
      expect(await list(name)).toEqual([])
    },
  )
})

describe('GET /jobs/status', () => {
  test(
    'has all that is configured, with its schedules and the runs that began, in SlimFaas’s order',
    { timeout: 60_000 },
    async () => {
      const sleeper = { Image: 'sleeper:1', Visibility: 'Private' }
      const { call, submit, runs, until } = await setup(
        { fibonacci, sleeper, Default: { Command: ['true'] } },
        configured,
      )
      const { Id } = (await (await call('POST', '/job-schedules/fibonacci', { Schedule: '30 1 * * *' })).json()) as Id
      await using _worker = runs.work({ only: ['fibonacci'] })
      const done = await submit('fibonacci')
      await until('fibonacci', ([first]) => first?.Status === 'Succeeded')
      await submit('sleeper')
      const answer = await call('GET', '/jobs/status')
      const [first, own, last] = (await answer.json()) as readonly Record<string, unknown>[]
      const order = 'Name,Visibility,Image,ImagesWhitelist,NumberParallelJob,Resources,DependsOn,Schedules,RunningJobs'
      for (const one of [first, own, last]) expect(Object.keys(one ?? {}).join()).toBe(order)
      expect(own).toMatchObject({
        Name: 'fibonacci',
        Visibility: 'Public',
        Image: '',
        NumberParallelJob: 2,
        Resources: fibonacci.Resources,
        DependsOn: [],
        RunningJobs: [{ Status: 'Succeeded', ElementId: done }],
      })
      expect(own?.['Schedules']).toHaveLength(2)
      expect(own?.['Schedules']).toContainEqual({
        Id,
        Schedule: '30 1 * * *',
        Image: '',
        NextExecutionTimestamp: nextUtc(1, 30),
        Resources: null,
        DependsOn: null,
      })
      expect(first).toMatchObject({ Name: 'Default', Visibility: 'Private', RunningJobs: [] })
      expect(last).toMatchObject({ Name: 'sleeper', Image: 'sleeper:1', RunningJobs: [] })
      expect(await (await call('GET', '/status-jobs')).json()).toHaveLength(3)
    },
  )
})

/** The next time that it is so late in UTC, in seconds since 1970. */
function nextUtc(hour: number, minute: number): number {
  const today = new Date().setUTCHours(hour, minute, 0, 0)
  return (today > Date.now() ? today : today + 86_400_000) / 1000
}
