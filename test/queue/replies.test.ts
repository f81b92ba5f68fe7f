import { randomUUID } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { hasCode } from '../../src/errors.ts'
import { Queue, type QueueOptions } from '../../src/index.ts'
import type { WorkerEvent } from '../../src/instrument.ts'
import { pause } from '../../src/pause.ts'
import { grounds, nextOf, refusal, useStage } from './setup.ts'
import { spiedOn } from './spy.ts'

type Data = Record<string, unknown>

describe.each(grounds)('replies, over $ground', ({ start }) => {
  const { setup } = useStage(start)
  const scene = async (options: QueueOptions<Data, Data> = {}) => {
    const spy = spiedOn()
    const made = await setup<Data>(options)
    const requester = new Queue<Data>(made.name, { ...options, backend: spy.over(made.backend), replies: true })
    onTestFinished(() => requester.close())
    return { ...made, worker: made.queue, requester, spy }
  }
  const replyQueueOf = async (keys: (prefix?: string) => Promise<readonly string[]>): Promise<string> =>
    (await keys('replies/'))[0]?.slice('replies/'.length) ?? ''

  test('a result that is waited for costs one look before the word of its end, and one after', async () => {
    const { requester, worker, spy } = await scene()
    const handle = await requester.submit({ n: 1 })
    const job = await nextOf(worker)
    const before = spy.looks
    const waiting = handle.result()
    await vi.waitFor(() => expect([spy.receives, spy.looks - before]).toEqual([1, 1]))
    // Long enough for a requester without replies to look several times.
    await pause(1, AbortSignal.timeout(5000))
    await job.complete({ value: 7 })
    expect((await waiting).value).toBe(7)
    expect(spy.looks - before).toBe(2)
  })

  test('all that wait share one reply queue, and each gets its own result', async () => {
    const { requester, worker, keys } = await scene()
    const handles = await Promise.all(Array.from({ length: 25 }, (_, n) => requester.submit({ n })))
    const results = Promise.all(handles.map((handle) => handle.result({ timeoutSeconds: 60 })))
    for (const _ of handles) {
      const job = await nextOf(worker)
      await job.complete({ value: job.metadata['n'] })
    }
    expect((await results).map(({ value }) => value)).toEqual(handles.map((_, n) => n))
    expect(await keys('replies/')).toHaveLength(1)
  })

  test('the queue is made by ready, and goes with close', async () => {
    const { requester, raw, keys } = await scene()
    await requester.ready()
    const name = await replyQueueOf(keys)
    await raw.queue(name).send({ body: 'it is there' })
    await requester.close()
    await vi.waitFor(async () => {
      const sent = raw.queue(name).send({ body: 'it is gone' })
      await expect(sent).rejects.toSatisfy((error) => hasCode(error, 'NOT_FOUND'))
    })
    expect(await keys('replies/')).toEqual([])
  })

  test('a Queue that only works makes none', async () => {
    const { requester, worker, keys } = await scene()
    await worker.submit({ n: 1 })
    await (await nextOf(requester)).complete()
    expect(await keys('replies/')).toEqual([])
  })

  test('a requester that is gone is no trouble to the worker, and is tried once', async () => {
    const { requester, name, backend, raw, keys } = await scene()
    const spy = spiedOn()
    const worker = new Queue<Data>(name, { backend: spy.over(backend) })
    onTestFinished(() => worker.close())
    const handles = [await requester.submit({ n: 1 }), await requester.submit({ n: 2 })]
    await raw.removeQueue(await replyQueueOf(keys))
    for (const _ of handles) await (await nextOf(worker)).complete()
    expect(spy.replies).toBe(1)
    expect(await Promise.all(handles.map(({ id }) => worker.status(id)))).toEqual(['completed', 'completed'])
  })

  test('when the reply queue is gone, the result is found all the same, and the next job gets another', async () => {
    const { requester, worker, raw, keys } = await scene()
    const handle = await requester.submit({ n: 1 })
    const gone = await replyQueueOf(keys)
    await raw.removeQueue(gone)
    await (await nextOf(worker)).complete({ value: 1 })
    const late = await requester.submit({ n: 2 })
    const second = nextOf(worker).then((job) => job.complete({ value: 2 }))
    expect((await handle.result({ timeoutSeconds: 20 })).value).toBe(1)
    await second
    expect((await late.result({ timeoutSeconds: 20 })).value).toBe(2)
  })

  test('a job that fails is told too, and one that this requester cancels is known to it', async () => {
    const { requester, worker, spy } = await scene()
    const failing = await requester.submit({ n: 1 })
    const cancelled = await requester.submit({ n: 2 })
    const waiting = [failing, cancelled].map((handle) => refusal(requester.result(handle.id, { timeoutSeconds: 30 })))
    await vi.waitFor(() => expect(spy.looks).toBe(2))
    await cancelled.cancel()
    await (await nextOf(worker)).fail(new Error('no'))
    expect((await Promise.all(waiting)).map(({ code }) => code)).toEqual(['JOB_FAILED', 'JOB_CANCELLED'])
    expect(spy.looks).toBe(4)
  })

  test.each([
    'no-such-form',
    'other-reply-0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9',
    'https://sqs.example.org/1/x',
    '../pending',
    7,
    null,
  ])('a message whose `replyTo` is %j makes nobody send anything there', async (replyTo) => {
    const { name, backend, send } = await scene()
    const spy = spiedOn()
    const worker = new Queue<Data>(name, { backend: spy.over(backend) })
    onTestFinished(() => worker.close())
    await send({ v: 1, id: randomUUID(), metadata: {}, replyTo })
    await (await nextOf(worker)).complete()
    expect(spy.sentTo).toEqual([`${name}-completed`])
  })

  test('what is sent to the reply queue by others is thrown away, and ends no wait', async () => {
    const { requester, worker, raw, keys } = await scene()
    const handle = await requester.submit({ n: 1 })
    const queue = raw.queue(await replyQueueOf(keys))
    for (const body of [
      'null',
      '{}',
      '[1',
      JSON.stringify({ v: 1, id: handle.id, finished: { status: 'completed', attempt: 1 } }),
    ])
      await queue.send({ body })
    const waiting = handle.result({ timeoutSeconds: 30 })
    await (await nextOf(worker)).complete({ value: 'the truth' })
    expect((await waiting).value).toBe('the truth')
  })

  test('who may not make a queue is told so once, and looks for results', async () => {
    const { requester, worker, spy } = await scene()
    const errors: unknown[] = []
    const note = (event: unknown): void => void errors.push((event as WorkerEvent).error)
    subscribe('remotejob:error', note)
    onTestFinished(() => void unsubscribe('remotejob:error', note))
    spy.refuse = true
    const handles = [await requester.submit({ n: 1 }), await requester.submit({ n: 2 })]
    expect(errors.filter((error) => hasCode(error, 'ACCESS_DENIED'))).toHaveLength(1)
    for (const _ of handles) await (await nextOf(worker)).complete({ value: 'found' })
    expect((await handles[1]?.result({ timeoutSeconds: 20 }))?.value).toBe('found')
  })

  describe("with records: 'none'", () => {
    test('the reply is the result, with its files', async () => {
      const { requester, worker, keys } = await scene({ records: 'none' })
      const handles = [await requester.submit({ n: 1 }), await requester.submit({ n: 2 })]
      const large = Buffer.alloc(70_000, 'x')
      for (const _ of handles) await (await nextOf(worker)).complete({ value: 'done', assets: { small: 'yes', large } })
      // One is told while the other is waited for, and is there when it is asked for, as often as it is.
      const second = await handles[1]?.result({ timeoutSeconds: 20 })
      const first = await handles[0]?.result({ timeoutSeconds: 20 })
      expect([first?.value, await first?.assets['small']?.text()]).toEqual(['done', 'yes'])
      expect(await second?.assets['large']?.bytes()).toEqual(large)
      expect((await handles[0]?.result())?.value).toBe('done')
      expect(await keys('results/')).toEqual([])
    })

    test('a job that does not end in time, or whose Queue has no replies, says so', async () => {
      const { requester, worker } = await scene({ records: 'none' })
      const handle = await requester.submit({ n: 1 })
      expect(await refusal(handle.result({ timeoutSeconds: 1 }))).toMatchObject({ code: 'TIMED_OUT' })
      const { message, code } = await refusal(worker.result(handle.id))
      expect([code, message]).toEqual(['UNSUPPORTED', expect.stringContaining('`replies: true`')])
    })

    test('what nobody can be told is LOST, and waited for by nobody', async () => {
      const { requester, worker, raw, keys } = await scene({ records: 'none' })
      const handle = await requester.submit({ n: 1 })
      const other = await worker.submit({ n: 2 })
      await raw.removeQueue(await replyQueueOf(keys))
      expect(await refusal(handle.result({ timeoutSeconds: 15 }))).toMatchObject({ code: 'LOST' })
      expect(await refusal(requester.result(other.id))).toMatchObject({ code: 'LOST' })
    })

    test('whoever waits when the queue is closed is told', async () => {
      const { requester } = await scene({ records: 'none' })
      const waiting = refusal((await requester.submit({ n: 1 })).result())
      await requester.close()
      expect(await waiting).toMatchObject({ code: 'CLOSED' })
    })
  })

  test('reap removes the queues of requesters that have given no sign for a day, and no others', async () => {
    const { requester, worker, raw, keys } = await scene()
    await requester.ready()
    const living = await replyQueueOf(keys)
    const left = `${worker.name}-reply-${randomUUID()}`
    const another = `another-reply-${randomUUID()}`
    await raw.addQueue(left)
    for (const name of [left, another]) await raw.objects.put(`replies/${name}`, Buffer.alloc(0))
    await worker.reap()
    expect(await keys('replies/')).toHaveLength(3)
    const now = vi.spyOn(Date, 'now')
    onTestFinished(() => now.mockRestore())
    const tomorrow = Date.now() + 25 * 3_600_000
    await raw.objects.put(`replies/${living}`, Buffer.alloc(0))
    now.mockReturnValue(tomorrow)
    await worker.reap()
    now.mockRestore()
    expect(await keys('replies/')).toEqual([`replies/${another}`])
    await expect(raw.queue(left).send({ body: 'x' })).rejects.toSatisfy((error) => hasCode(error, 'NOT_FOUND'))
  })
})

test('a name that is too long for reply queues is refused, with what would fit', () => {
  const longest = 'n'.repeat(37)
  expect(new Queue(longest, { replies: true }).name).toBe(longest)
  expect(() => new Queue(`${longest}n`, { replies: true })).toThrow('at most 37 characters with `replies`')
  expect(new Queue(`${longest}n`).name).toHaveLength(38)
})
