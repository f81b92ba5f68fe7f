import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { Schedules, tickOf } from '../../src/cron.ts'
import { Queue, RemoteJobError } from '../../src/index.ts'
import { keepTime } from '../../src/lifecycle/keep-time.ts'
import { scheduleKey, tickId } from '../../src/protocol/schedule-keys.ts'
import { source } from '../../src/worker.ts'
import { onLocal, refusal } from '../queue/setup.ts'
import { at, setup } from './setup.ts'

afterEach(() => {
  vi.useRealTimers()
})

const start = '2027-01-01T08:30:00Z'
const hourly = { name: 'hourly', cron: '0 * * * *' } as const

describe('a schedule', () => {
  test('makes a job at each of its ticks, at its second, with what it was told', async () => {
    const { schedules, scheduler, arrived } = setup(start)
    const job = { body: 'the body', customer: 7, filename: 'report.csv' }
    await schedules.create({ ...hourly, job, options: { attempts: 5, timeoutSeconds: 60, expiresSeconds: 600 } })
    at('2027-01-01T08:57:59Z')
    expect(await scheduler.look()).toEqual([])
    at('2027-01-01T08:58:30Z')
    expect(await scheduler.look()).toEqual(['cron.hourly.20270101T0900Z'])
    expect(await arrived()).toEqual([])
    at('2027-01-01T09:00:01Z')
    const [first, ...more] = await arrived()
    expect(more).toEqual([])
    expect(first).toMatchObject({
      id: 'cron.hourly.20270101T0900Z',
      metadata: { customer: 7, filename: 'report.csv' },
      attempts: 5,
      timeoutSeconds: 60,
      contentType: 'text/csv',
    })
    expect(await first?.text()).toBe('the body')
    at('2027-01-01T09:59:00Z')
    expect(await scheduler.look()).toEqual(['cron.hourly.20270101T1000Z'])
  })

  test('tells its handler the instant, by the id of the job', () => {
    const tick = { schedule: 'a_b-c9', at: new Date('2027-01-31T08:05:00Z') }
    expect(tickOf(tickId(tick))).toEqual(tick)
    for (const id of ['cron.x', 'cron.x.20271301T0000Z', 'cron.X.20270101T0000Z', 'run.x.1', 'cron.x.20270101T0000Z.1'])
      expect(tickOf(id)).toBeUndefined()
  })

  test('has jobs that expire so many seconds after their tick', async () => {
    const { queue, schedules, scheduler, arrived } = setup(start)
    await schedules.create({ ...hourly, options: { expiresSeconds: 60 } })
    at('2027-01-01T08:59:00Z')
    const [id = ''] = await scheduler.look()
    at('2027-01-01T09:01:01Z')
    expect([await arrived(), await queue.status(id)]).toEqual([[], 'expired'])
  })

  test('has the metadata and the body that it may have', async () => {
    const { schedules, scheduler, arrived } = setup(start)
    const body = randomBytes(64 * 1024)
    const text = 'm'.repeat(64 * 1024 - 20)
    await schedules.create({ ...hourly, job: { body, text } })
    at('2027-01-01T09:00:00Z')
    await scheduler.look()
    const [job] = await arrived()
    expect(job?.metadata).toEqual({ text })
    expect(await job?.bytes()).toEqual(body)
  })

  test('keeps records of its jobs with results alone, too', async () => {
    const { queue, schedules, scheduler, arrived } = setup(start, { records: 'results' })
    await schedules.create({ ...hourly, job: { n: 1 } })
    at('2027-01-01T09:00:00Z')
    const [id = ''] = await scheduler.look()
    expect((await arrived()).map(({ metadata }) => metadata)).toEqual([{ n: 1 }])
    expect((await queue.result(id)).status).toBe('completed')
  })

  test('costs a scheduler a request a look, and ten with a tick', async () => {
    const { schedules, another } = setup(start)
    await schedules.create(hourly)
    at('2027-01-01T08:31:00Z')
    const { backend, scheduler } = another()
    const callsOf = async () => {
      const before = backend.calls.length
      await scheduler.look()
      return backend.calls.slice(before).map((call) => call.replace(/\.json$|[0-9a-f]{16}.*/, ''))
    }
    expect(await callsOf()).toEqual(['list cron/', 'get cron/hourly/schedule'])
    expect(await callsOf()).toEqual(['list cron/'])
    at('2027-01-01T08:59:00Z')
    const tick = [
      'list cron/',
      'put if absent inputs/cron.hourly.20270101T0900Z',
      'list cron/hourly/',
      'head inputs/cron.hourly.20270101T0900Z',
      'get results/cron.hourly.20270101T0900Z',
      'send timed-pending',
      'put cron/hourly/',
    ]
    expect(await callsOf()).toEqual(tick)
    at('2027-01-01T09:59:00Z')
    expect(await callsOf()).toEqual([...tick.map((call) => call.replace('T0900', 'T1000')), 'delete cron/hourly/'])
  })

  test('is sent once by schedulers that look at different times', async () => {
    const { schedules, another, arrived } = setup(start)
    await schedules.create({ name: 'often', cron: '*/5 * * * *' })
    const schedulers = [another(), another(), another()].map(({ scheduler }) => scheduler)
    const sent: string[] = []
    for (let second = 0; second < 3600; second += 20) {
      at(new Date(Date.parse(start) + second * 1000).toISOString())
      sent.push(...((await schedulers[(second / 20) % 3]?.look()) ?? []))
    }
    expect(sent).toEqual([...new Set(sent)])
    expect(sent).toHaveLength(12)
    expect(await arrived()).toHaveLength(11)
    at('2027-01-01T09:31:00Z')
    expect(await arrived()).toHaveLength(1)
  })

  test('is one job a tick for schedulers that look at once', async () => {
    const { schedules, another, arrived, keys } = setup(start)
    await schedules.create({ ...hourly, job: { large: 'm'.repeat(5000) } })
    at('2027-01-01T09:00:00Z')
    await Promise.all([another(), another(), another()].map(({ scheduler }) => scheduler.look()))
    expect((await arrived()).map(({ id }) => id)).toEqual(['cron.hourly.20270101T0900Z'])
    expect(await keys('metadata/')).toHaveLength(1)
    expect(await keys()).toEqual([
      expect.stringMatching(/^cron\/hourly\/[0-9a-f]{16}\.001798794000000$/),
      scheduleKey('hourly'),
    ])
  })
})

describe('ticks that no scheduler sent', () => {
  test.each([
    ['skip', []],
    ['once', ['1200']],
    ['all', ['0900', '1000', '1100', '1200']],
  ] as const)('are made up for as `missed: %s` says', async (missed, expected) => {
    const { schedules, scheduler, arrived } = setup(start)
    await schedules.create({ ...hourly, missed })
    at('2027-01-01T12:20:00Z')
    const ids = expected.map((time) => `cron.hourly.20270101T${time}Z`)
    expect(await scheduler.look()).toEqual(ids)
    expect((await arrived()).map(({ id }) => id).toSorted()).toEqual(ids)
    at('2027-01-01T12:59:00Z')
    expect(await scheduler.look()).toEqual(['cron.hourly.20270101T1300Z'])
  })

  test('are one unless it is said', async () => {
    const { schedules } = setup(start)
    expect(await schedules.create(hourly)).toMatchObject({ missed: 'once' })
  })

  test('are made up for a thousand a look', async () => {
    const { schedules, scheduler } = setup(start)
    await schedules.create({ name: 'often', cron: '* * * * *', missed: 'all' })
    at('2027-01-02T08:30:30Z')
    expect([(await scheduler.look()).length, (await scheduler.look()).length, (await scheduler.look()).length]).toEqual(
      [1000, 442, 0],
    )
  })
})

describe('create', () => {
  test('tells what the schedule is', async () => {
    const { schedules } = setup(start)
    const job = { body: new Uint8Array([1, 2]), n: 1 }
    const made = await schedules.create({
      name: 'x',
      cron: '0 9 * * *',
      timeZone: 'Asia/Tokyo',
      job,
      options: { attempts: 1 },
    })
    expect(made).toEqual({
      name: 'x',
      cron: '0 9 * * *',
      timeZone: 'Asia/Tokyo',
      missed: 'once',
      paused: false,
      nextTick: new Date('2027-01-02T00:00:00Z'),
      metadata: { n: 1 },
      body: Buffer.from([1, 2]),
      options: { attempts: 1 },
      createdAt: new Date(start),
      updatedAt: new Date(start),
    })
    expect(await schedules.get('x')).toEqual(made)
    expect(await Array.fromAsync(schedules.list())).toEqual([made])
  })

  test('takes a name once, also of several who ask at once', async () => {
    const { schedules, another } = setup(start)
    const asked = await Promise.allSettled(
      [schedules, another().schedules, another().schedules].map((one) => one.create(hourly)),
    )
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await refusal(schedules.create(hourly))).toMatchObject({
      code: 'ID_IN_USE',
      message: 'There is a schedule "hourly" already: update it, or delete it first',
    })
  })

  test.each<[Record<string, unknown>, string]>([
    [{ name: 'A' }, "Expected a schedule's `name` to be 1 to 63 lower-case letters"],
    [{ name: 'x'.repeat(64) }, "a schedule's `name`"],
    [{ name: '../x' }, "a schedule's `name`"],
    [{ name: undefined }, "a schedule's `name`"],
    [{ cron: '* *' }, 'Expected `cron` to be five fields'],
    [{ cron: '0 0 31 2 *' }, 'The schedule "0 0 31 2 *" never comes'],
    [{ timeZone: 'Mars' }, 'Expected `timeZone` to be a name such as "Europe/Zurich" or "UTC", got "Mars"'],
    [{ timeZone: '' }, 'Expected `timeZone` to be a name'],
    [{ timeZone: 5 }, 'Expected `timeZone` to be a name'],
    [{ timeZone: null }, 'Expected `timeZone` to be a name'],
    [{ missed: 'some' }, 'Expected `missed` to be one of "skip", "once", "all", got "some"'],
    [{ options: { attempts: 0 } }, 'Expected `attempts` to be an integer from 1 to 1000, got 0'],
    [{ options: { expiresSeconds: -1 } }, 'Expected `expiresSeconds`'],
    [
      { job: { body: Buffer.alloc(64 * 1024 + 1) } },
      'Expected `job.body.length` to be an integer from 0 to 65536, got 65537',
    ],
    [{ job: { text: 'm'.repeat(64 * 1024) } }, 'Expected `job.metadata.length` to be an integer from 0 to 65536'],
    [{ job: { body: Readable.from(['x']) } }, 'Expected `job.body` to be a text or bytes'],
    [{ job: { key: 'some/key' } }, 'Expected `job.key` to be left out'],
    [{ job: { when: new Date() } }, 'Expected `metadata.when` to be JSON'],
    [{ job: 5 }, 'metadata'],
  ])('of what cannot be is refused, and nothing is kept (%#: $1)', async (wrong, message) => {
    const { schedules, keys } = setup(start)
    const error = await refusal(schedules.create({ ...hourly, ...wrong }))
    expect(error.code).toBe('INVALID_ARGUMENT')
    expect(error.message).toContain(message)
    expect(await keys('')).toEqual([])
  })

  test('refuses metadata that does not fit the schema of the queue', async () => {
    const { schedules, keys } = setup(start, {
      metadata: { '~standard': { version: 1, vendor: 'test', validate: () => ({ issues: [{ message: 'no' }] }) } },
    })
    expect((await refusal(schedules.create(hourly))).code).toBe('INVALID_ARGUMENT')
    expect(await keys()).toEqual([])
  })

  test("needs records, since a tick's job is known by them", async () => {
    const { schedules } = setup(start, { records: 'none' })
    expect(await refusal(schedules.create(hourly))).toMatchObject({ code: 'UNSUPPORTED' })
  })

  test('does not begin paused because a former one of that name was', async () => {
    const { schedules, objects } = setup(start)
    await (await objects()).put('cron/hourly/paused', Buffer.alloc(0))
    expect(await schedules.create(hourly)).toMatchObject({ paused: false })
    expect(await schedules.get('hourly')).toMatchObject({ paused: false })
  })
})

describe('update', () => {
  test('of the times begins anew with the first tick after now, and cancels ticks that are none any more', async () => {
    const { queue, schedules, scheduler, arrived, keys } = setup(start)
    await schedules.create({ name: 'x', cron: '*/15 * * * *', job: { n: 1 } })
    at('2027-01-01T08:44:00Z')
    expect(await scheduler.look()).toEqual(['cron.x.20270101T0845Z'])
    at('2027-01-01T08:44:30Z')
    const changed = await schedules.update('x', { cron: '1,46 * * * *' })
    expect(changed).toMatchObject({ metadata: { n: 1 }, nextTick: new Date('2027-01-01T08:46:00Z') })
    expect(await queue.status('cron.x.20270101T0845Z')).toBe('cancelled')
    expect(await scheduler.look()).toEqual(['cron.x.20270101T0846Z'])
    at('2027-01-01T08:50:00Z')
    expect((await arrived()).map(({ id }) => id)).toEqual(['cron.x.20270101T0846Z'])
    expect(await keys()).toHaveLength(2)
  })

  test('leaves a tick that is one as before', async () => {
    const { schedules, scheduler, arrived } = setup(start)
    await schedules.create({ name: 'x', cron: '*/15 * * * *' })
    at('2027-01-01T08:44:00Z')
    await scheduler.look()
    await schedules.update('x', { cron: '45 * * * *', timeZone: 'Europe/Zurich' })
    await schedules.update('x', { cron: '*/45 * * * *', timeZone: 'UTC' })
    await scheduler.look()
    at('2027-01-01T08:45:01Z')
    expect((await arrived()).map(({ id }) => id)).toEqual(['cron.x.20270101T0845Z'])
  })

  test('of the job and its options replaces them as a whole, and keeps the place in time', async () => {
    const { schedules, scheduler, arrived } = setup(start)
    await schedules.create({ ...hourly, job: { n: 1, body: 'old' }, options: { attempts: 2, group: 'a' } })
    at('2027-01-01T09:05:00Z')
    const changed = await schedules.update('hourly', { job: { n: 2 }, options: { attempts: 7 }, missed: 'all' })
    expect(changed).toMatchObject({ body: undefined, metadata: { n: 2 }, options: { attempts: 7 }, missed: 'all' })
    expect(changed.createdAt < changed.updatedAt).toBe(true)
    expect(await scheduler.look()).toEqual(['cron.hourly.20270101T0900Z'])
    expect(await arrived()).toMatchObject([{ metadata: { n: 2 }, attempts: 7 }])
  })

  test('is seen by a scheduler that knew the schedule, at its next look', async () => {
    const { schedules, another, arrived } = setup(start)
    await schedules.create({ ...hourly, job: { n: 1 } })
    at('2027-01-01T08:31:00Z')
    const { scheduler } = another()
    await scheduler.look()
    at('2027-01-01T08:31:01Z')
    await schedules.update('hourly', { job: { n: 2 } })
    at('2027-01-01T09:00:00Z')
    await scheduler.look()
    expect(await arrived()).toMatchObject([{ metadata: { n: 2 } }])
  })

  test('that cannot be changes nothing', async () => {
    const { schedules } = setup(start)
    await schedules.create(hourly)
    for (const wrong of [{ cron: 'x' }, { timeZone: 'x' }, { job: { key: 'k' } }, { options: { attempts: -1 } }])
      expect((await refusal(schedules.update('hourly', wrong))).code).toBe('INVALID_ARGUMENT')
    expect(await schedules.get('hourly')).toMatchObject({ cron: '0 * * * *', updatedAt: new Date(start) })
  })
})

describe('pause and resume', () => {
  test('let a schedule rest, what was sent ahead included, and go on with what comes then', async () => {
    const { queue, schedules, scheduler, arrived } = setup(start)
    await schedules.create({ ...hourly, missed: 'all' })
    at('2027-01-01T08:59:00Z')
    await scheduler.look()
    await schedules.pause('hourly')
    expect(await schedules.get('hourly')).toMatchObject({ paused: true, nextTick: undefined })
    expect(await queue.status('cron.hourly.20270101T0900Z')).toBe('cancelled')
    at('2027-01-01T12:20:00Z')
    expect([await scheduler.look(), await arrived()]).toEqual([[], []])
    await schedules.resume('hourly')
    expect(await scheduler.look()).toEqual([])
    at('2027-01-01T12:59:00Z')
    expect(await scheduler.look()).toEqual(['cron.hourly.20270101T1300Z'])
  })

  test('leave a tick that has come to its worker', async () => {
    const { queue, schedules, scheduler } = setup(start)
    await schedules.create(hourly)
    at('2027-01-01T08:59:00Z')
    await scheduler.look()
    at('2027-01-01T09:00:30Z')
    await schedules.pause('hourly')
    expect(await queue.status('cron.hourly.20270101T0900Z')).toBe('pending')
  })

  test('may be said twice', async () => {
    const { schedules } = setup(start)
    await schedules.create(hourly)
    for (const verb of ['pause', 'pause', 'resume', 'resume'] as const) await schedules[verb]('hourly')
    expect(await schedules.get('hourly')).toMatchObject({ paused: false })
  })
})

describe('delete', () => {
  test('ends a schedule, what was sent ahead included, and leaves nothing of it', async () => {
    const { queue, schedules, scheduler, arrived, keys } = setup(start)
    await schedules.create(hourly)
    at('2027-01-01T07:59:00Z')
    await scheduler.look()
    at('2027-01-01T08:59:00Z')
    await scheduler.look()
    await schedules.pause('hourly')
    expect([await schedules.delete('hourly'), await schedules.delete('hourly')]).toEqual([true, false])
    expect(await queue.status('cron.hourly.20270101T0900Z')).toBe('cancelled')
    at('2027-01-01T12:20:00Z')
    expect([await scheduler.look(), await arrived(), await keys(), await schedules.get('hourly')]).toEqual([
      [],
      [],
      [],
      undefined,
    ])
  })

  test('frees the name', async () => {
    const { schedules, scheduler } = setup(start)
    await schedules.create(hourly)
    await scheduler.look()
    await schedules.delete('hourly')
    await schedules.create({ ...hourly, cron: '30 * * * *' })
    at('2027-01-01T09:29:00Z')
    expect(await scheduler.look()).toEqual(['cron.hourly.20270101T0930Z'])
  })
})

test.each(['update', 'pause', 'resume'] as const)('%s of a schedule that there is not is NOT_FOUND', async (verb) => {
  const { schedules, keys } = setup(start)
  expect(await refusal(schedules[verb]('none', {}))).toMatchObject({
    code: 'NOT_FOUND',
    message: 'There is no schedule "none" in queue "timed"',
  })
  expect(await keys()).toEqual([])
})

test('a schedule that cannot be read is reported and keeps no other from its time', async () => {
  const { schedules, scheduler, objects, keys } = setup(start)
  await schedules.create(hourly)
  const store = await objects()
  await store.put(scheduleKey('newer'), Buffer.from('{"v":2}'))
  await store.put('cron/foreign', Buffer.from(''))
  await store.put('cron/left/0123456789abcdef.000000000000001', Buffer.from(''))
  at('2027-01-01T08:59:00Z')
  expect(await scheduler.look()).toEqual(['cron.hourly.20270101T0900Z'])
  expect(scheduler.reported).toMatchObject([{ code: 'UNSUPPORTED', message: expect.stringContaining('"newer"') }])
  expect((await keys()).filter((key) => !key.startsWith('cron/hourly/'))).toEqual([
    'cron/foreign',
    scheduleKey('newer'),
  ])
  expect(await refusal(schedules.get('newer'))).toMatchObject({ code: 'UNSUPPORTED' })
})

describe('whoever runs as a scheduler', () => {
  test('makes the jobs of schedules', async () => {
    const ground = await onLocal()
    try {
      await using queue = new Queue('timed', { backend: ground.backend() })
      await new Schedules(queue).create({ name: 'often', cron: '* * * * *' })
      await using _ = queue.startScheduler()
      const { objects } = await queue[source].open()
      await expect.poll(async () => (await objects.list('inputs/cron.often.')).objects.length).toBeGreaterThan(0)
    } finally {
      await ground.close()
    }
  })

  test('and may not look at schedules says so once, and sends jobs at their time all the same', async () => {
    const ground = await onLocal()
    try {
      const told: unknown[] = []
      const looks: string[] = []
      await using queue = new Queue('timed', { backend: ground.backend() })
      const w = await queue[source].open()
      const stop = new AbortController()
      const list: typeof w.objects.list = async (prefix, options) => {
        looks.push(prefix)
        if (prefix === 'timers/') stop.abort()
        else throw new RemoteJobError('ACCESS_DENIED', 'No')
        return w.objects.list(prefix, options)
      }
      await keepTime({ ...w, objects: { ...w.objects, list }, report: (error) => void told.push(error) }, stop.signal)
      expect(looks).toEqual(['cron/', 'timers/'])
      expect(told).toMatchObject([
        {
          message:
            'This scheduler does not make the jobs of schedules, and will not try again: No. Grant it what its policy lists',
        },
      ])
    } finally {
      await ground.close()
    }
  })
})

test('a list has more schedules than a page of keys', async () => {
  const { schedules } = setup(start)
  const names = Array.from({ length: 1100 }, (_, index) => `s${String(index).padStart(4, '0')}`)
  for (const name of names) await schedules.create({ ...hourly, name })
  expect((await Array.fromAsync(schedules.list())).map(({ name }) => name)).toEqual(names)
})

test('a closed queue has no schedules', async () => {
  const { queue, schedules } = setup(start)
  await queue.close()
  expect((await refusal(schedules.create(hourly))).code).toBe('CLOSED')
})
