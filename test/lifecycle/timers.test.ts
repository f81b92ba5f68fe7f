import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { Queue, type QueueOptions } from '../../src/index.ts'
import { fireTimers } from '../../src/lifecycle/fire-timers.ts'
import { parseTimerKey, timerKey } from '../../src/protocol/timers.ts'
import { source } from '../../src/worker.ts'
import { MemoryStore } from '../model/memory-backend.ts'
import { onLocal, refusal } from '../queue/setup.ts'
import type { Scenario } from './crash-scenarios.ts'
import { blows, sweep } from './crash-sweep.ts'
import type { World } from './crash-world.ts'

type Data = Record<string, unknown>

const hour = 3600

/** What a scheduler does once a minute. */
async function fire(queue: Queue<Data>): Promise<readonly string[]> {
  return fireTimers(await queue[source].open(), {})
}

function passSeconds(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1000)
}

/** A queue over a store in memory, whose time is virtual. */
function setup(options: QueueOptions<Data, Data> = {}) {
  vi.useFakeTimers({ toFake: ['Date'] })
  const store = new MemoryStore({ isPatient: false })
  const make = (more: QueueOptions<Data, Data> = {}) =>
    new Queue<Data>('timed', { backend: store.backend(), ...options, ...more })
  const queue = make()
  const open = () => queue[source].open()
  return {
    queue,
    another: make,
    timers: async () => (await (await open()).objects.list('timers/')).objects.map(({ key }) => key),
    next: () => queue.next('pending', { waitSeconds: 0 }),
    put: async (key: string) => (await open()).objects.put(key, Buffer.from('')),
    head: async (key: string) => (await open()).objects.head(key),
  }
}

afterEach(() => {
  vi.useRealTimers()
})

describe('a job with a time of its own', () => {
  test.each([
    ['runAt', () => ({ runAt: new Date(Date.now() + 5 * hour * 1000) })],
    ['delaySeconds', () => ({ delaySeconds: 5 * hour })],
  ])('given as %s comes then, and not before', async (_name, timing) => {
    const { queue, next, timers } = setup()
    const { id } = await queue.submit({ n: 1 }, timing())
    expect(await queue.status(id)).toBe('pending')
    passSeconds(5 * hour - 200)
    expect([await fire(queue), await next()]).toEqual([[], undefined])
    passSeconds(100)
    expect([await fire(queue), await timers(), await next()]).toEqual([[id], [], undefined])
    passSeconds(100)
    expect((await next())?.metadata).toEqual({ n: 1 })
  })

  test('is sent at once when that has passed', async () => {
    const { queue, next, timers } = setup()
    const { id } = await queue.submit({}, { runAt: new Date(0) })
    expect([await timers(), (await next())?.id]).toEqual([[], id])
  })

  test('needs no scheduler for fifteen minutes', async () => {
    const { queue, next, timers } = setup()
    const { id } = await queue.submit({}, { delaySeconds: 900 })
    expect([await timers(), await next()]).toEqual([[], undefined])
    passSeconds(901)
    expect((await next())?.id).toBe(id)
  })

  test('may be a stored object, and one of many', async () => {
    const { queue, next } = setup()
    const key = await queue.store({ body: 'stored' })
    const { id } = await queue.trigger('pending', key, { delaySeconds: hour })
    await queue.submitMany([[{ body: 'one of many' }, { delaySeconds: 2 * hour }]])
    passSeconds(hour)
    expect(await fire(queue)).toEqual([id])
    const first = await next()
    expect(await first?.text()).toBe('stored')
    await first?.complete()
    passSeconds(hour)
    await fire(queue)
    expect(await (await next())?.text()).toBe('one of many')
  })

  test('may be a past one, tried again', async () => {
    const { queue, next } = setup()
    await queue.submit({ n: 1 }, { id: 'first' })
    await (await next())?.complete()
    const { id } = await queue.retry('first', { delaySeconds: hour })
    passSeconds(hour)
    expect(await fire(queue)).toEqual([id])
    expect((await next())?.metadata).toEqual({ n: 1 })
  })

  test('with metadata above 48 KiB has it when it comes', async () => {
    const { queue, next } = setup()
    const metadata = { long: 'm'.repeat(60_000) }
    await queue.submit(metadata, { delaySeconds: hour })
    passSeconds(hour)
    await fire(queue)
    expect((await next())?.metadata).toEqual(metadata)
  })

  test('that is cancelled meanwhile never comes', async () => {
    const { queue, next, timers } = setup()
    const handle = await queue.submit({}, { delaySeconds: hour })
    expect(await handle.cancel()).toBe(true)
    passSeconds(hour)
    expect([await fire(queue), await next(), await timers()]).toEqual([[], undefined, []])
  })

  test('that expires before a worker starts it ends as expired', async () => {
    const { queue, next } = setup()
    const { id } = await queue.submit({}, { delaySeconds: hour, expiresSeconds: hour + 60 })
    passSeconds(hour + 61)
    await fire(queue)
    expect([await next(), await queue.status(id)]).toEqual([undefined, 'expired'])
    const late = queue.submit({}, { runAt: new Date(Date.now() + 60_000), expiresSeconds: 60 })
    expect((await refusal(late)).message).toContain('Expected `expiresSeconds` to be more than `runAt`')
  })

  test('and an id is one job however often it is asked for, and none of the asks sends it early', async () => {
    const { queue, next, timers } = setup()
    const runAt = new Date(Date.now() + hour * 1000)
    for (let ask = 0; ask < 3; ask += 1) await queue.submit({}, { id: 'mine', runAt })
    expect([await timers(), await fire(queue), await next()]).toEqual([
      [timerKey(runAt.getTime(), 'mine')],
      [],
      undefined,
    ])
    expect((await refusal(queue.submit({}, { id: 'mine', delaySeconds: 2 * hour }))).code).toBe('ID_IN_USE')
    passSeconds(hour)
    await fire(queue)
    expect((await next())?.id).toBe('mine')
  })

  test('is not sent by reap before its time', async () => {
    const { queue } = setup()
    await queue.submit({}, { delaySeconds: 30 * 24 * hour })
    passSeconds(29 * 24 * hour)
    expect((await queue.reap()).resent).toEqual([])
  })

  test('whose input was removed is forgotten', async () => {
    const { queue, timers } = setup()
    const { key } = await queue.submit({ body: 'gone' }, { delaySeconds: hour })
    await queue.remove(key)
    passSeconds(hour)
    expect([await fire(queue), await timers()]).toEqual([[], []])
  })
})

describe('with results alone', () => {
  test('a job of metadata alone has an input while it waits, can be cancelled, and is not lost after weeks', async () => {
    const { queue, head, next } = setup({ records: 'results' })
    const handle = await queue.submit({ n: 1 }, { delaySeconds: 20 * 24 * hour })
    expect(await head(`inputs/${handle.id}`)).toMatchObject({ size: 0 })
    passSeconds(16 * 24 * hour)
    expect((await refusal(handle.result({ timeoutSeconds: 0 }))).code).toBe('TIMED_OUT')
    passSeconds(4 * 24 * hour)
    await fire(queue)
    await (await next())?.complete({ value: 'in time' })
    expect((await handle.result()).value).toBe('in time')
    const other = await queue.submit({}, { delaySeconds: hour })
    expect(await other.cancel()).toBe(true)
  })
})

test("with records: 'none' a job waits for fifteen minutes at most", async () => {
  const { queue } = setup({ records: 'none' })
  await queue.submit({}, { delaySeconds: 900 })
  const error = await refusal(queue.submit({ body: 'kept nowhere' }, { delaySeconds: 901 }))
  expect(error).toMatchObject({ code: 'UNSUPPORTED', message: expect.stringContaining('900 seconds at most') })
})

test('a job cannot wait for longer than its input is kept', async () => {
  const { queue } = setup({ retentionDays: 30 })
  await queue.submit({}, { delaySeconds: 16 * 24 * hour })
  const error = await refusal(queue.submit({}, { delaySeconds: 16 * 24 * hour + 1 }))
  expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', message: expect.stringContaining('16 days at most') })
})

test('a timer that leads nowhere is reported and keeps no other from its time', async () => {
  const { queue, put, timers } = setup()
  const foreign = timerKey(0, 'foreign')
  await Promise.all([put('timers/0'), put('inputs/foreign'), put(foreign), put('timers/99999999/far')])
  const { id } = await queue.submit({}, { delaySeconds: hour })
  passSeconds(hour)
  const reported: unknown[] = []
  const w = { ...(await queue[source].open()), report: (error: unknown) => void reported.push(error) }
  expect(await fireTimers(w, {})).toEqual([id])
  expect(reported).toMatchObject([{ code: 'UNSUPPORTED' }])
  expect(await timers()).toEqual(['timers/0', foreign, 'timers/99999999/far'])
})

test('more timers than a page are all kept, by several schedulers at once', async () => {
  const { queue, another, next, timers } = setup()
  const handles = await queue.submitMany(
    Array.from({ length: 1100 }, (_, n) => [{ n }, { delaySeconds: hour + n }] as const),
  )
  passSeconds(2 * hour)
  await Promise.all([fire(queue), fire(another()), fire(another())])
  expect(await timers()).toEqual([])
  const done = new Set<string>()
  for (let job = await next(); job; job = await next()) {
    done.add(job.id)
    await job.complete().catch(() => {})
  }
  expect(done).toEqual(new Set(handles.map(({ id }) => id)))
}, 60_000)

test('names of timers are in the order of their times', () => {
  const times = [0, 59_999, 60_000, Date.UTC(2026, 0, 1), Date.UTC(2159, 0, 1)]
  const keys = times.map((time) => timerKey(time, 'id'))
  expect(keys.toSorted()).toEqual(keys)
  expect(keys.map((key) => parseTimerKey(key)?.minute)).toEqual(times.map((time) => Math.floor(time / 60_000)))
  expect(['timers/1/id', 'timers/00000001/', 'timers/00000001/../x'].map(parseTimerKey)).toEqual([
    undefined,
    undefined,
    undefined,
  ])
})

describe('a scheduler', () => {
  test.each([
    ['alone', (queue: Queue<Data>) => queue.startScheduler()],
    ['beside a worker', (queue: Queue<Data>) => queue.work(() => {}, { scheduler: true })],
  ])('%s sends what is due soon after it starts, and ends when it is closed', async (_name, start) => {
    const ground = await onLocal()
    try {
      await using queue = new Queue<Data>('timed', { backend: ground.backend() })
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - hour * 1000 })
      const handle = await queue.submit({ n: 1 }, { delaySeconds: hour - 60 })
      vi.useRealTimers()
      const scheduler = start(queue)
      const worker = queue.work(() => {})
      await handle.result({ timeoutSeconds: 20 })
      await Promise.all([scheduler.close(), worker.close()])
      await scheduler.done
    } finally {
      await ground.close()
    }
  })

  test('is switched on and off by true and false, and nothing else', () => {
    const { queue } = setup()
    // @ts-expect-error -- as a variable of the environment has it
    const start = () => queue.work(() => {}, { scheduler: 'false' })
    expect(start).toThrow('Expected `scheduler` to be true or false, got "false"')
  })

  test('tells what goes wrong and goes on until its queue is closed', async () => {
    const queue = new Queue<Data>('timed', {
      backend: { open: () => ({ ...new MemoryStore({ isPatient: false }).backend().open(place), ready: broken }) },
    })
    const { promise, resolve } = Promise.withResolvers<unknown>()
    const scheduler = queue.startScheduler({ onEvent: resolve })
    expect(await promise).toMatchObject({ name: 'error', queue: 'timed', error: { message: 'no network' } })
    await queue.close()
    await scheduler.done
  })
})

const place = {
  bucket: 'timed',
  queues: new Map(),
  deadLetterQueue: 'timed-dead',
  pendingQueue: undefined,
  maxReceives: 10,
  leaseSeconds: 30,
  provision: 'auto',
} as const

async function broken(): Promise<never> {
  throw new Error('no network')
}

const wait = async (world: World, id?: string): Promise<string> =>
  (await world.submit(world.living, { n: 1, body: 'the input' }, { id, delaySeconds: hour })).id

const scenarios: readonly Scenario[] = [
  {
    name: 'submits a job with a time of its own',
    act: (world, queue) => world.submit(queue, { n: 1, body: 'the input' }, { delaySeconds: hour }),
    after: async (world) => {
      world.passSeconds(hour)
      await fire(world.living)
    },
  },
  {
    name: 'submits a job with a time and an id of its own',
    act: (world, queue) => world.submit(queue, { n: 1, body: 'the input' }, { id: 'mine', delaySeconds: hour }),
    after: async (world) => {
      await wait(world, 'mine')
      world.passSeconds(hour)
      await fire(world.living)
    },
  },
  {
    name: 'sends a job whose time has come',
    before: async (world) => {
      const id = await wait(world)
      world.passSeconds(hour)
      return id
    },
    act: (_world, queue) => fire(queue),
    after: (world) => fire(world.living),
  },
  {
    name: 'finds the timer of a job that was cancelled',
    before: async (world) => {
      const id = await wait(world)
      await world.cancel(world.living, id)
      world.passSeconds(hour)
      return id
    },
    act: (_world, queue) => fire(queue),
    after: (world) => fire(world.living),
  },
]

let ground: Awaited<ReturnType<typeof onLocal>>
beforeAll(async () => {
  ground = await onLocal()
})
afterAll(() => ground.close())

describe.each(Object.values(blows))('what was promised is kept when a process $title while it', (blow) => {
  test.each(scenarios)('$name', async (scenario) => {
    await sweep(ground.backend, scenario, blow)
  })
})
