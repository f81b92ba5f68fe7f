import { createHash, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { afterAll, describe, expect, test } from 'vitest'
import { awsBackend } from '../../src/aws/backend.ts'
import { type Handler, Queue, type QueueOptions, type WorkerEvent, type WorkerOptions } from '../../src/index.ts'
import { settingsFrom } from '../../src/lifecycle/settings.ts'
import { nextOf } from '../queue/setup.ts'
import type { Ground } from './ground.ts'

interface Task {
  readonly n: number
  readonly filename?: string
}

/** The whole library as its users have it, on servers that the environment leads to. */
export function endToEnd(ground: () => Ground): void {
  describe('a queue', () => {
    const queues: Queue<Task>[] = []
    afterAll(async () => {
      await Promise.all(queues.map((queue) => queue.close()))
    })

    const queueNamed = (name: string, options: QueueOptions<Task, Task> = {}): Queue<Task> => {
      const queue = new Queue<Task>(name, { leaseSeconds: 5, ...options })
      queues.push(queue)
      ground().used(settingsFrom(name, options).place)
      return queue
    }
    const newQueue = (options: QueueOptions<Task, Task> = {}): Queue<Task> =>
      queueNamed(`t${randomUUID().slice(0, 13)}`, options)

    test('brings the input to a worker, and the value and the files that it hands back to the requester', async () => {
      const queue = newQueue()
      const handle = await queue.submit({ n: 1, body: 'input' })
      await using _ = working(queue, async (job) => ({
        value: { n: job.metadata.n },
        assets: { 'small.txt': await job.text(), 'päge 1/large.bin': noise(200_000) },
      }))
      const { value, assets } = await handle.result({ timeoutSeconds: 30 })
      expect(value).toEqual({ n: 1 })
      expect(await assets['small.txt']?.text()).toBe('input')
      expect(hash(await assets['päge 1/large.bin']?.bytes())).toBe(hash(noise(200_000)))
      expect(await handle.status()).toBe('completed')
    })

    test('takes bytes from who has no keys, once, and gives files to them', async () => {
      const queue = newQueue()
      const { key, method, url, headers } = await queue.presignUpload({ n: 1, filename: 'ü.txt' })
      expect((await fetch(url, { method, headers, body: 'input' })).status).toBe(200)
      expect((await fetch(url, { method, headers, body: 'other' })).status).toBe(412)
      expect((await fetch(url, { method, headers: { ...headers, 'Content-Type': 'text/html' }, body: 'x' })).ok).toBe(
        false,
      )
      expect(await queue.retrieve(key)).toMatchObject({
        filename: 'ü.txt',
        metadata: { n: 1 },
        contentType: 'text/plain',
      })
      const handle = await queue.trigger('pending', key)
      await using _ = working(queue, async (job) => ({ body: (await job.text()).padEnd(100_000, '!') }))
      const { assets } = await handle.result({ timeoutSeconds: 30 })
      const read = await fetch((await assets['output']?.presign()) ?? '')
      expect(await read.text()).toBe('input'.padEnd(100_000, '!'))
    })

    test('streams files of many parts both ways', async () => {
      const queue = newQueue()
      const size = 23 * 1024 * 1024 + 5
      const handle = await queue.submit({ n: 1, body: Readable.from(slices(noise(size))) })
      await using _ = working(queue, (job) => ({ body: job.createReadStream() }))
      const { assets } = await handle.result({ timeoutSeconds: 60 })
      expect(assets['output']?.size).toBe(size)
      expect(hash(await assets['output']?.bytes())).toBe(hash(noise(size)))
    })

    test('runs two hundred jobs once each, and is empty afterwards', async () => {
      const queue = newQueue()
      const handles = await queue.submitMany(Array.from({ length: 200 }, (_, n) => ({ n, body: `input ${n}` })))
      const runs: number[] = []
      await using worker = working(
        queue,
        async (job) => {
          runs.push(job.metadata.n)
          return { value: await job.text() }
        },
        { concurrency: 25 },
      )
      const results = await Promise.all(handles.map((handle) => handle.result({ timeoutSeconds: 60 })))
      expect(results.map(({ value }) => value)).toEqual(handles.map((_, n) => `input ${n}`))
      expect(runs.toSorted((a, b) => a - b)).toEqual(handles.map((_, n) => n))
      await worker.close()
      expect(await queue.next('pending', { waitSeconds: 1 })).toBeUndefined()
      expect(await Array.fromAsync(queue.deadLetters())).toEqual([])
    })

    test('tries a failed job again, then records why it failed, and announces that', async () => {
      const queue = newQueue({ attempts: 3 })
      const handle = await queue.submit({ n: 1 })
      const attempts: number[] = []
      await using _ = working(queue, (job) => {
        attempts.push(job.attempt)
        throw new Error(`try ${job.attempt}`)
      })
      const failure = { code: 'JOB_FAILED', cause: { message: 'try 3' } }
      await expect(handle.result({ timeoutSeconds: 30 })).rejects.toMatchObject(failure)
      expect(attempts).toEqual([1, 2, 3])
      expect((await nextOf(queue, 'failed')).id).toBe(handle.id)
    })

    test('keeps a job that takes longer than its lease with its worker', async () => {
      const queue = newQueue({ leaseSeconds: 3 })
      const handle = await queue.submit({ n: 1 })
      let runs = 0
      const { promise, resolve } = Promise.withResolvers<void>()
      const events: WorkerEvent[] = []
      const onEvent = (event: WorkerEvent): void => {
        events.push(event)
        if (events.filter(({ name }) => name === 'heartbeat').length === 5) resolve()
      }
      const handler = async () => {
        runs += 1
        await promise
      }
      await using _ = working(queue, handler, { leaseSeconds: 3, onEvent })
      await handle.result({ timeoutSeconds: 30 })
      expect(runs).toBe(1)
    })

    test('gives the job of a worker that died to the next one', async () => {
      const name = `t${randomUUID().slice(0, 13)}`
      const queue = queueNamed(name)
      const handle = await queue.submit({ n: 1, body: 'input' })
      const { place } = settingsFrom(name, {})
      const dying = awsBackend().open(place)
      const [taken] = await dying.queue(`${name}-pending`).receive({ max: 1, waitSeconds: 10, leaseSeconds: 3 })
      expect(taken?.receiveCount).toBe(1)
      await dying.close()
      const job = await nextOf(queue)
      expect([job.id, job.attempt, await job.text()]).toEqual([handle.id, 2, 'input'])
      await job.complete({ value: 'at last' })
      expect(await handle.result({ timeoutSeconds: 10 })).toMatchObject({ attempt: 2, value: 'at last' })
    })

    test('lets a job end once, however many say how', async () => {
      const queue = newQueue()
      const handle = await queue.submit({ n: 1 })
      const job = await nextOf(queue)
      const ends = await Promise.allSettled([job.complete({ value: 'done' }), handle.cancel(), handle.cancel()])
      const status = await handle.status()
      expect(ends.map((end) => end.status === 'fulfilled' && end.value !== false)).toEqual(
        status === 'completed' ? [true, false, false] : [false, true, true],
      )
      expect(await handle.status()).toBe(status)
    })

    test('never runs a job that was cancelled before', async () => {
      const queue = newQueue()
      const handle = await queue.submit({ n: 1 })
      expect(await handle.cancel()).toBe(true)
      expect(await queue.next('pending', { waitSeconds: 2 })).toBeUndefined()
      await expect(handle.result()).rejects.toMatchObject({ code: 'JOB_CANCELLED' })
    })

    test('makes one job of an id that was given twice, and refuses another request of that id', async () => {
      const queue = newQueue()
      const asked = await Promise.all([1, 2, 3].map(() => queue.submit({ n: 1, body: 'same' }, { id: 'order-1' })))
      expect(asked.map(({ id }) => id)).toEqual(['order-1', 'order-1', 'order-1'])
      await expect(queue.submit({ n: 2 }, { id: 'order-1' })).rejects.toMatchObject({ code: 'ID_IN_USE' })
      await using _ = working(queue, async (job) => ({ value: `${randomUUID()} ${await job.text()}` }))
      const results = await Promise.all(asked.map((handle) => handle.result({ timeoutSeconds: 30 })))
      expect(results[0]?.value).toMatch(/ same$/)
      expect(new Set(results.map(({ value }) => value)).size).toBe(1)
    })

    test.each([
      ['of every kind', 'line\n\ttab "quoted" üñí 日本語 😀 \u0001'],
      ['of a hundred thousand characters', 'é'.repeat(100_000)],
    ])('carries metadata %s', async (_, text) => {
      const queue = newQueue()
      const data = { n: 1, filename: 'päge 1.txt', text, 'a key': [null, { deep: -0.5 }] }
      const handle = await queue.submit({ ...data, body: 'x' })
      const job = await nextOf(queue)
      expect(job.metadata).toEqual(data)
      expect(job.filename).toBe('päge 1.txt')
      await job.complete()
      expect((await queue.retrieve(handle.key)).metadata).toEqual(data)
    })

    test('keeps a message that is no job for its owner, with the reason', async () => {
      const name = `t${randomUUID().slice(0, 13)}`
      const queue = queueNamed(name)
      await queue.ready()
      const raw = awsBackend().open(settingsFrom(name, {}).place)
      await raw.queue(`${name}-pending`).send({ body: '{bad' })
      await raw.close()
      const good = await queue.submit({ n: 1 })
      await using worker = working(queue, () => {})
      await good.result({ timeoutSeconds: 30 })
      await worker.close()
      const letters = await Array.fromAsync(queue.deadLetters())
      expect(letters).toMatchObject([{ id: undefined, body: '{bad', reason: expect.stringMatching(/JSON/) }])
    })

    test('lists its jobs, the newest first', async () => {
      const queue = newQueue()
      const handles = await queue.submitMany([{ n: 1 }, { n: 2 }, { n: 3 }], { concurrency: 1 })
      await handles[1]?.cancel()
      const jobs = await Array.fromAsync(queue.list())
      expect(jobs.map(({ id, status }) => [id, status])).toEqual([
        [handles[2]?.id, 'pending'],
        [handles[1]?.id, 'cancelled'],
        [handles[0]?.id, 'pending'],
      ])
    })
  })
}

/** A worker that is closed at the end of the test without waiting for its last poll. */
function working(queue: Queue<Task>, handler: Handler<Task>, options: WorkerOptions = {}) {
  const worker = queue.work(handler, { backoff: () => 0, ...options })
  const close = (): Promise<void> => worker.close({ timeoutSeconds: 0 })
  return { close, [Symbol.asyncDispose]: close }
}

/** Bytes that no compression and no repetition can hide an error in. */
function noise(size: number): Buffer {
  const whole = Buffer.alloc(size)
  for (let index = 0, state = 1; index < size; index += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    whole[index] = state >>> 16
  }
  return whole
}

function* slices(whole: Buffer): Generator<Buffer> {
  for (let at = 0; at < whole.length; at += 65_521) yield whole.subarray(at, at + 65_521)
}

const hash = (whole: Buffer = Buffer.alloc(0)): string => createHash('sha256').update(whole).digest('hex')
