import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Job, Queue, type QueueOptions } from '../../src/index.ts'
import { settingsFrom } from '../../src/lifecycle/settings.ts'
import { MemoryStore } from '../model/memory-backend.ts'
import { Witness } from '../witness.ts'

/** Days of work in virtual time, over a queue that lets nobody keep a message for more than twelve hours. */

type Data = Record<string, unknown>
const hour = 3600

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

async function setup(options: QueueOptions<Data, Data> = {}) {
  const store = new MemoryStore({ isPatient: false })
  const witness = new Witness()
  const process = (): Queue<Data> =>
    new Queue<Data>('days', { leaseSeconds: 300, backend: witness.watch(store.backend()), ...options })
  const queue = process()
  const handle = await queue.submit({ n: 1 })
  const job = await taken(queue)
  const { objects } = store.backend().open(settingsFrom('days', options).place)
  return { handle, job, witness, other: process(), objects, messages: store.messages('days-pending') }
}

const offered = (queue: Queue<Data>): Promise<Job<Data> | undefined> => queue.next('pending', { waitSeconds: 0 })

async function taken(queue: Queue<Data>): Promise<Job<Data>> {
  const job = await offered(queue)
  if (!job) throw new Error('There is no job')
  return job
}

/** Time passes, and another worker asks for work every five minutes; how often it got some. */
async function passHours(hours: number, other: Queue<Data>): Promise<number> {
  let jobs = 0
  for (let passed = 0; passed < hours * hour; passed += 300) {
    await vi.advanceTimersByTimeAsync(300_000)
    if (await offered(other)) jobs += 1
  }
  return jobs
}

test('a job of three days is one worker’s, in its first attempt, though others look at it all the time', async () => {
  const { job, other, handle, witness, objects } = await setup()
  job.hold()
  expect(await passHours(72, other)).toBe(0)
  expect(job.signal.aborted).toBe(false)
  expect(await handle.status()).toBe('active')
  const { objects: history } = await objects.list('history/')
  expect(history.map(({ key }) => key.split('/').at(-1))).toEqual([expect.stringMatching(/^000001-renewed-/)])
  expect(witness.sent.filter(({ queue }) => queue === 'days-pending').length).toBeGreaterThan(200)
  await job.complete({ value: 'at last' })
  expect(await passHours(1, other)).toBe(0)
  expect(await other.result(job.id)).toMatchObject({ attempt: 1, value: 'at last' })
  expect(witness.misdeeds).toEqual([])
})

test('its worker dies: another has the job when the next look finds the last sign old, as the second attempt', async () => {
  const { job, other } = await setup()
  const holding = job.hold()
  expect(await passHours(30, other)).toBe(0)
  await holding[Symbol.asyncDispose]()
  // Two leases, and the longest delay of SQS.
  for (let passed = 0; passed < 600 + 900; passed += 300) {
    await vi.advanceTimersByTimeAsync(300_000)
    const next = await offered(other)
    if (next) return expect([next.attempt, job.signal.aborted]).toEqual([2, true])
  }
  throw new Error('Nobody got the job')
})

test('two workers in turn keep it for days, and each counts one attempt', async () => {
  const { job, other, witness } = await setup()
  const holding = job.hold()
  expect(await passHours(20, other)).toBe(0)
  await holding[Symbol.asyncDispose]()
  await vi.advanceTimersByTimeAsync(1_800_000)
  const second = await taken(other)
  second.hold()
  expect(await passHours(20, other)).toBe(0)
  await second.release({ delaySeconds: 60, error: new Error('busy') })
  await vi.advanceTimersByTimeAsync(60_000)
  const third = await taken(other)
  expect(third.attempt).toBe(3)
  await third.complete()
  expect(await passHours(1, other)).toBe(0)
  expect(witness.misdeeds).toEqual([])
})

test('a message is replaced half an hour before twelve hours are over, and not earlier', async () => {
  const { job, other, witness } = await setup()
  job.hold()
  await passHours(11.4, other)
  expect(witness.sent).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(0.2 * hour * 1000)
  expect(witness.sent).toHaveLength(2)
  expect(witness.sent[1]?.message).toMatchObject({ delaySeconds: 900, attributes: { base: '1' } })
})

test('a lease of twelve hours is renewed to no more than the queue gives, and its message replaced in time', async () => {
  const { job, other } = await setup()
  job.hold(12 * hour)
  expect(await passHours(48, other)).toBe(0)
  expect(job.signal.aborted).toBe(false)
  await job.complete()
})

test('while the store cannot be reached at that time it is tried again, and the job is kept', async () => {
  const { job, other, objects } = await setup()
  job.hold()
  await passHours(11.4, other)
  const put = vi.spyOn(objects, 'put').mockRejectedValue(new Error('no network'))
  await vi.advanceTimersByTimeAsync(0.25 * hour * 1000)
  put.mockRestore()
  expect(await passHours(5, other)).toBe(0)
  expect(job.signal.aborted).toBe(false)
  await job.complete()
})

test('a requester’s second message, received late, ends as a look', async () => {
  const { job, other, witness, messages } = await setup()
  job.hold()
  await passHours(13, other)
  await messages.send({ body: witness.sent[0]?.message.body ?? '' })
  const double = await taken(other)
  double.hold()
  await vi.advanceTimersByTimeAsync(300_000)
  expect(double.signal.reason).toMatchObject({ code: 'LEASE_LOST' })
  expect(await passHours(24, other)).toBe(0)
  expect(job.signal.aborted).toBe(false)
  await job.complete()
})

describe('where nothing is written down', () => {
  test('a job is kept for twelve hours and no longer: nobody could tell that its worker lives', async () => {
    const { job, other, witness } = await setup({ records: 'none' })
    job.hold()
    expect(await passHours(11.5, other)).toBe(0)
    expect(await passHours(1, other)).toBeGreaterThan(0)
    expect(job.signal.reason).toMatchObject({ code: 'LEASE_LOST' })
    expect(witness.sent).toHaveLength(1)
  })
})
