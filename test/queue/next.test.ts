import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import type { Backend } from '../../src/backend.ts'
import { Queue } from '../../src/index.ts'
import { grounds, nextOf, onLocal, refusal, useStage } from './setup.ts'

describe.each(grounds)('taking jobs, over $ground', ({ start }) => {
  const { setup } = useStage(start)

  test('next waits for a job that is yet to come', async () => {
    const { queue, another } = await setup()
    const waiting = queue.next('pending', { waitSeconds: 10 })
    const { id } = await another().submit({ n: 1 })
    expect((await waiting)?.id).toBe(id)
  })

  test('next with waitSeconds is content with nothing', async () => {
    const { queue } = await setup()
    expect(await queue.next('pending', { waitSeconds: 0 })).toBeUndefined()
    expect(await queue.next('pending', { waitSeconds: 0.05 })).toBeUndefined()
    expect(await queue.next(undefined, { waitSeconds: 0 })).toBeUndefined()
  })

  test('next with a signal rejects with its reason: aborted before, and while it waits', async () => {
    const { queue, another } = await setup()
    const reason = new Error('going home')
    await expect(queue.next('pending', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const stop = new AbortController()
    const waiting = queue.next('pending', { signal: stop.signal, waitSeconds: 1 })
    setTimeout(() => stop.abort(reason), 20)
    await expect(waiting).rejects.toBe(reason)
    // The poll that is out brings this one to nobody, and gives it back unharmed.
    const { id } = await another().submit({ n: 1 })
    const job = await nextOf(another())
    expect([job.id, job.attempt]).toEqual([id, 1])
  })

  test('ten that wait get ten jobs', async () => {
    const { queue, another } = await setup()
    const waiting = Array.from({ length: 10 }, () => nextOf(queue))
    const sender = another()
    const handles = await Promise.all(waiting.map((_, n) => sender.submit({ n })))
    const jobs = await Promise.all(waiting)
    expect(jobs.map(({ id }) => id).toSorted()).toEqual(handles.map(({ id }) => id).toSorted())
  })

  test('jobs() gives one job after another until its signal aborts; then it ends', async () => {
    const { queue } = await setup()
    for (let n = 0; n < 3; n += 1) await queue.submit({ n })
    const stop = new AbortController()
    const seen: unknown[] = []
    for await (const job of queue.jobs('pending', { signal: stop.signal })) {
      seen.push(job.metadata['n'])
      await job.complete()
      if (seen.length === 3) stop.abort()
    }
    expect(seen.toSorted()).toEqual([0, 1, 2])
    for await (const job of queue.jobs('pending', { signal: AbortSignal.abort() })) expect(job).toBeUndefined()
  })

  test('a delayed job comes after its delay', async () => {
    const { queue } = await setup()
    const { id } = await queue.submit({ n: 1 }, { delaySeconds: 1 })
    expect(await queue.status(id)).toBe('pending')
    expect(await queue.next('pending', { waitSeconds: 0 })).toBeUndefined()
    expect((await nextOf(queue)).id).toBe(id)
  })

  test('other statuses are queues of their own', async () => {
    const { queue } = await setup({ statuses: ['pending', 'urgent', 'completed'] })
    const key = await queue.store({ name: 'Cat', body: 'x' })
    const handle = await queue.trigger('urgent', key)
    expect(await queue.next('pending', { waitSeconds: 0 })).toBeUndefined()
    const job = await nextOf(queue, 'urgent')
    expect([job.id, job.metadata]).toEqual([handle.id, { name: 'Cat' }])
    await job.complete({ value: 1 })
    expect((await handle.result()).value).toBe(1)
    expect((await nextOf(queue, 'completed')).id).toBe(handle.id)
    expect(await queue.next('urgent', { waitSeconds: 0 })).toBeUndefined()
  })
})

describe('the end of a queue', () => {
  const { setup } = useStage(onLocal)

  test('jobs() ends, without an error, when its signal aborts while it waits', async () => {
    const { queue } = await setup()
    const stop = new AbortController()
    await queue.submit({ n: 1 })
    for await (const job of queue.jobs('pending', { signal: stop.signal })) {
      await job.complete()
      setTimeout(() => stop.abort(), 20)
    }
    expect(stop.signal.aborted).toBe(true)
  })

  test('close ends those who wait, and every later call, with CLOSED', async () => {
    const { queue, name } = await setup()
    await queue.ready()
    const waiting = refusal(queue.next())
    const listening = refusal(Array.fromAsync(queue.jobs()))
    await delay(10)
    await queue.close()
    expect(await waiting).toMatchObject({ code: 'CLOSED' })
    expect(await listening).toMatchObject({ code: 'CLOSED' })
    const error = await refusal(queue.submit({ n: 1 }))
    expect(error).toMatchObject({ code: 'CLOSED', message: `Queue "${name}" was closed; make a new Queue` })
    await queue.close()
  })

  test('a queue that was never used closes too, and `await using` closes one', async () => {
    const { another } = await setup()
    const unused = another()
    await unused.close()
    expect(await refusal(unused.ready())).toMatchObject({ code: 'CLOSED' })
    let used: Queue
    {
      await using queue = another()
      used = queue
      await queue.submit({ n: 1 })
    }
    expect(await refusal(used.next())).toMatchObject({ code: 'CLOSED' })
  })

  test('a job in hand is not lost when its queue closes: it is somebody else’s after its lease', async () => {
    const { queue, another } = await setup()
    const { id } = await queue.submit({ n: 1 })
    await nextOf(queue)
    await queue.close()
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31_000 })
    try {
      expect((await nextOf(another())).id).toBe(id)
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('a start that fails', () => {
  const { setup } = useStage(onLocal)

  /** A backend that is out of order until it is repaired. */
  function broken(backend: Backend): { backend: Backend; starts: () => number; repair: () => void } {
    let starts = 0
    let works = false
    return {
      starts: () => starts,
      repair: () => (works = true),
      backend: {
        open(place) {
          const opened = backend.open(place)
          return {
            objects: opened.objects,
            queue: (name) => opened.queue(name),
            addQueue: (name) => opened.addQueue(name),
            removeQueue: (name) => opened.removeQueue(name),
            close: () => opened.close(),
            async ready() {
              starts += 1
              await delay(5)
              if (!works) throw new Error('no network')
              await opened.ready()
            },
          }
        },
      },
    }
  }

  test('rejects every call that waits with the cause, once; a later call works when the cause is gone', async () => {
    const scene = await setup()
    const { backend, starts, repair } = broken(scene.backend)
    await using queue = scene.another({ backend })
    const calls = [
      queue.ready(),
      queue.submit({ n: 1 }),
      queue.next(),
      queue.next('pending', { waitSeconds: 0 }),
      queue.status('x'),
      queue.result('x'),
      queue.retrieve('x'),
      queue.store({ body: 'x' }),
      queue.cancel('x'),
      Array.fromAsync(queue.jobs()),
    ]
    const outcomes = await Promise.allSettled(calls)
    expect(outcomes.map((outcome) => outcome.status === 'rejected' && String(outcome.reason))).toEqual(
      calls.map(() => 'Error: no network'),
    )
    expect(starts()).toBe(1)
    await expect(queue.ready()).rejects.toThrow('no network')
    expect(starts()).toBe(2)
    repair()
    const { id } = await queue.submit({ n: 1 })
    expect((await nextOf(queue)).id).toBe(id)
    expect(starts()).toBe(3)
  })

  test('does not keep `next` from ending when its signal aborts', async () => {
    const hanging: Backend = {
      open: () => ({
        get objects(): never {
          throw new Error('not ready')
        },
        queue: () => {
          throw new Error('not ready')
        },
        addQueue: async () => {},
        removeQueue: async () => {},
        ready: () => new Promise(() => {}),
        close: async () => {},
      }),
    }
    const queue = new Queue('hangs', { backend: hanging })
    const reason = new Error('enough')
    const stop = new AbortController()
    const waiting = [queue.next('pending', { signal: stop.signal }), queue.submit({ n: 1 }, { signal: stop.signal })]
    stop.abort(reason)
    for (const outcome of await Promise.allSettled(waiting)) expect(outcome).toEqual({ status: 'rejected', reason })
  })
})
