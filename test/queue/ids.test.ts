import { describe, expect, test } from 'vitest'
import { v7 } from 'uuid'
import { grounds, nextOf, refusal, useStage } from './setup.ts'

describe.each(grounds)('ids of the requester’s own, over $ground', ({ start }) => {
  const { setup } = useStage(start)

  /** The ids of all jobs that can be taken now, each completed. */
  async function drain(queue: Awaited<ReturnType<typeof setup>>['queue']): Promise<Set<string>> {
    const ids = new Set<string>()
    for (;;) {
      const job = await queue.next('pending', { waitSeconds: 0 })
      if (!job) return ids
      ids.add(job.id)
      await job.complete({ value: await job.text() }).catch(() => {})
    }
  }

  test('the same request twice is one job: one id, one input, one result', async () => {
    const { queue, another, keys } = await setup()
    const request = { name: 'Cat', sizes: [1, 2] }
    const first = await queue.submit({ ...request, body: 'first' }, { id: 'thumb-1', attempts: 2 })
    const second = await another().submit(
      { sizes: [1, 2], name: 'Cat', body: 'second' },
      { id: 'thumb-1', attempts: 2 },
    )
    expect([first.id, second.id, second.key]).toEqual(['thumb-1', 'thumb-1', first.key])
    expect(await keys()).toHaveLength(2)
    expect(await drain(queue)).toEqual(new Set(['thumb-1']))
    expect((await second.result()).value).toBe('first')
    expect(await Array.fromAsync(queue.list(), ({ id, status }) => [id, status])).toEqual([['thumb-1', 'completed']])
  })

  test('asked for again after its end, the job is not run again', async () => {
    const { queue } = await setup()
    await queue.submit({ n: 1 }, { id: 'once' })
    await (await nextOf(queue)).complete({ value: 1 })
    const again = await queue.submit({ n: 1 }, { id: 'once' })
    expect((await again.result()).value).toBe(1)
    expect(await queue.next('pending', { waitSeconds: 0 })).toBeUndefined()
  })

  test('another request with the id is refused with ID_IN_USE, and leaves nothing behind', async () => {
    const { queue, keys } = await setup()
    await queue.submit({ n: 1, body: 'x' }, { id: 'mine', timeoutSeconds: 60 })
    const before = await keys()
    const others: [Record<string, unknown>, number | undefined][] = [
      [{ n: 2 }, 60],
      [{ n: 2, large: 'x'.repeat(5000) }, 60],
      [{ n: 1 }, 61],
      [{ n: 1 }, undefined],
    ]
    for (const [metadata, timeoutSeconds] of others) {
      const error = await refusal(queue.submit({ ...metadata, body: 'x' }, { id: 'mine', timeoutSeconds }))
      expect(error).toMatchObject({
        code: 'ID_IN_USE',
        message: expect.stringContaining('The id "mine" belongs to another job'),
      })
    }
    expect(await keys()).toEqual(before)
    expect(await drain(queue)).toEqual(new Set(['mine']))
  })

  test('after its end too', async () => {
    const { queue } = await setup()
    await queue.submit({ n: 1 }, { id: 'mine' })
    await drain(queue)
    expect(await refusal(queue.submit({ n: 2 }, { id: 'mine' }))).toMatchObject({ code: 'ID_IN_USE' })
  })

  test('twenty that ask for the same at once get one job', async () => {
    const { queue, another, keys } = await setup()
    const other = another()
    const asking = Array.from({ length: 20 }, (_, n) =>
      (n % 2 ? queue : other).submit({ n: 1, body: `${n}` }, { id: 'crowd' }),
    )
    const handles = await Promise.all(asking)
    expect(new Set(handles.map((handle) => handle.key)).size).toBe(1)
    expect(await keys('stored/')).toHaveLength(1)
    expect(await drain(queue)).toEqual(new Set(['crowd']))
    const values = await Promise.all(handles.map(async (handle) => (await handle.result()).value))
    expect(new Set(values).size).toBe(1)
    expect(await keys('results/')).toEqual(['results/crowd.json'])
  })

  test('of twenty that ask for different things at once one wins, and the others are told', async () => {
    const { queue, keys } = await setup()
    const asking = Array.from({ length: 20 }, (_, n) => queue.submit({ n, body: 'x' }, { id: 'race' }))
    const outcomes = await Promise.allSettled(asking)
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'ID_IN_USE' })
    }
    expect(await keys('stored/')).toHaveLength(1)
    expect(await drain(queue)).toEqual(new Set(['race']))
  })

  test('a triggered key belongs to the request', async () => {
    const { queue } = await setup()
    const [one, two] = [await queue.store({ n: 1, body: 'one' }), await queue.store({ n: 1, body: 'two' })]
    await queue.trigger('pending', one, { id: 'mine' })
    await queue.trigger('pending', one, { id: 'mine' })
    expect(await refusal(queue.trigger('pending', two, { id: 'mine' }))).toMatchObject({ code: 'ID_IN_USE' })
    expect(await drain(queue)).toEqual(new Set(['mine']))
    expect((await queue.result('mine')).value).toBe('one')
  })

  test('metadata above 2 KB travels with an id of one’s own too', async () => {
    const { queue } = await setup()
    const metadata = { text: 'é'.repeat(3000) }
    await queue.submit({ ...metadata, body: 'x' }, { id: 'large' })
    await queue.submit({ ...metadata, body: 'x' }, { id: 'large' })
    expect((await nextOf(queue)).metadata).toEqual(metadata)
  })

  test('a time-ordered id of the caller’s own is listed by its time', async () => {
    const { queue } = await setup()
    const id = v7({ msecs: Date.now() - 86_400_000 })
    await queue.submit({ n: 1 }, { id })
    const newer = await queue.submit({ n: 2 })
    expect(await Array.fromAsync(queue.list(), (summary) => summary.id)).toEqual([newer.id, id])
  })

  test.each(['a', '0', '.x', 'x.', '-', '_', 'A'.repeat(128), 'order-2026.11_22'])('“%s” is an id', async (id) => {
    const { queue } = await setup()
    await queue.submit({ n: 1, body: 'x' }, { id })
    const job = await nextOf(queue)
    expect(job.id).toBe(id)
    await job.complete({ output: Buffer.alloc(70_000) })
    expect((await queue.result(id)).assets['output']?.size).toBe(70_000)
  })
})
