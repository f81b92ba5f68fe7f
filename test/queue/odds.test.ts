import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { describe, expect, test, vi } from 'vitest'
import { nextOf, onLocal, refusal, useStage } from './setup.ts'

describe('what may also happen', () => {
  const { setup } = useStage(onLocal)

  test('a scope that is left while the job is being completed waits for that', async () => {
    const { queue } = await setup()
    const handle = await queue.submit({ n: 1 })
    let completing: Promise<void>
    {
      await using job = await nextOf(queue)
      completing = job.complete({ body: Readable.from(slowly()) })
    }
    expect(await handle.status()).toBe('completed')
    await completing
    expect((await handle.result()).assets['output']?.size).toBe(30)
    expect(await queue.next('pending', { waitSeconds: 0 })).toBeUndefined()
  })

  async function* slowly(): AsyncGenerator<Buffer> {
    for (let chunk = 0; chunk < 3; chunk += 1) {
      await new Promise((resolve) => setTimeout(resolve, 5))
      yield Buffer.alloc(10)
    }
  }

  test('a job that has ended, or went back, cannot be held; one acknowledged needs no holding', async () => {
    const { queue } = await setup()
    for (let n = 0; n < 3; n += 1) await queue.submit({ n })
    const [done, back, taken] = [await nextOf(queue), await nextOf(queue), await nextOf(queue)]
    await done.complete()
    await back.release({ delaySeconds: 900 })
    await taken.acknowledge()
    expect(() => done.hold()).toThrow(expect.objectContaining({ code: 'ALREADY_SETTLED' }))
    expect(() => back.hold()).toThrow(expect.objectContaining({ code: 'LEASE_LOST' }))
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    try {
      await using _lease = taken.hold()
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  test('a handler that throws out of the iteration leaves the queue usable', async () => {
    const { queue } = await setup()
    for (let n = 0; n < 2; n += 1) await queue.submit({ n })
    const running = (async () => {
      for await (const job of queue.jobs()) {
        await using _job = job
        throw new Error('oops')
      }
    })()
    await expect(running).rejects.toThrow('oops')
    expect(new Set([(await nextOf(queue)).attempt, (await nextOf(queue)).attempt])).toEqual(new Set([1, 2]))
  })

  test('a result that was removed is RESULT_EXPIRED for whoever takes its announcement', async () => {
    const { queue, raw } = await setup()
    const handle = await queue.submit({ n: 1 })
    await (await nextOf(queue)).complete({ value: 'x'.repeat(10_000) })
    await raw.objects.delete(`results/${handle.id}.json`)
    expect(await refusal((await nextOf(queue, 'completed')).result())).toMatchObject({ code: 'RESULT_EXPIRED' })
  })

  test('an asset that was removed is NOT_FOUND, the result stays', async () => {
    const { queue } = await setup()
    const handle = await queue.submit({ n: 1 })
    await (await nextOf(queue)).complete({ value: 1, assets: { output: Buffer.alloc(100_000) } })
    const { assets } = await handle.result()
    await queue.remove(assets['output']?.key ?? '')
    expect(await refusal(assets['output']?.bytes() ?? Promise.resolve())).toMatchObject({ code: 'NOT_FOUND' })
    expect((await handle.result()).value).toBe(1)
  })

  test.each(['{"v":2,"id":"x","status":"paused"}', 'not JSON', '{}', ''])(
    'a result that this version cannot read (%s) is left alone: UNSUPPORTED for who asks, and the next job is served',
    async (record) => {
      const { queue, raw, deadLetters } = await setup()
      const handle = await queue.submit({ n: 1 })
      await raw.objects.put(`results/${handle.id}.json`, Buffer.from(record))
      const words = `The result of job "${handle.id}" was written by a newer version of remotejob: update this one`
      for (const call of [() => handle.result(), () => handle.status(), () => handle.cancel()]) {
        expect(await refusal(call())).toMatchObject({ code: 'UNSUPPORTED', message: words })
      }
      const { id } = await queue.submit({ n: 2 })
      expect((await nextOf(queue)).id).toBe(id)
      expect(await queue.next('pending', { waitSeconds: 0 })).toBeUndefined()
      expect(await deadLetters()).toEqual([])
      const object = await raw.objects.get(`results/${handle.id}.json`)
      expect(String(await object?.body.toArray())).toBe(record)
    },
  )

  test('metadata that cannot be read any more sets its message aside, and the next job is served', async () => {
    const { queue, raw, keys, deadLetters } = await setup()
    await queue.submit({ text: 'x'.repeat(60_000) })
    for (const key of await keys('metadata/')) await raw.objects.delete(key)
    const { id } = await queue.submit({ n: 2 })
    expect((await nextOf(queue)).id).toBe(id)
    expect((await deadLetters())[0]?.attributes['reason']).toContain('is gone or was written over')
  })

  test('objects of remotejob 2 are retrieved with the metadata that S3 kept of them', async () => {
    const { queue, raw } = await setup()
    await raw.objects.put('old', Buffer.from('meow'), { contentType: 'image/jpeg' })
    expect(await queue.retrieve('old')).toMatchObject({ key: 'old', metadata: {}, contentType: 'image/jpeg', size: 4 })
    await queue.trigger('pending', 'old')
    expect(await (await nextOf(queue)).text()).toBe('meow')
  })

  test('one queue waits for several statuses at once', async () => {
    const { queue } = await setup()
    const waiting = [nextOf(queue, 'completed'), nextOf(queue, 'failed')]
    for (const n of [1, 2]) await queue.submit({ n })
    await (await nextOf(queue)).complete()
    await (await nextOf(queue)).fail(new Error('no'))
    const statuses = await Promise.all(waiting.map(async (job) => (await (await job).result()).status))
    expect(statuses).toEqual(['completed', 'failed'])
  })

  test('a thousand bare jobs go through, ten at a time', async () => {
    const { queue } = await setup()
    const stop = new AbortController()
    const ids = new Set<string>()
    const workers = Array.from({ length: 10 }, async () => {
      for await (const job of queue.jobs('pending', { signal: stop.signal })) {
        ids.add(job.id)
        await job.complete()
        if (ids.size === 1000) stop.abort()
      }
    })
    const submitted = await Promise.all(Array.from({ length: 1000 }, (_, n) => queue.submit({ n })))
    await Promise.all(workers)
    expect(ids).toEqual(new Set(submitted.map(({ id }) => id)))
    expect(await Array.fromAsync(queue.list({ status: 'completed' }))).toHaveLength(1000)
  })

  test('a handle or an id from anywhere is enough to know of a job', async () => {
    const { queue, another } = await setup()
    const id = randomUUID()
    await queue.submit({ n: 1 }, { id })
    await (await nextOf(another())).complete({ value: 1 })
    const stranger = another()
    expect([await stranger.status(id), (await stranger.result(id)).value, await stranger.cancel(id)]).toEqual([
      'completed',
      1,
      false,
    ])
  })
})
