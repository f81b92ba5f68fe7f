import { describe, expect, test } from 'vitest'
import { grounds, nextOf, refusal, useStage } from './setup.ts'

describe.each(grounds)('queues that write less down, over $ground', ({ start }) => {
  const { setup } = useStage(start)

  test('results: a job of metadata alone leaves no input; its result is awaited as ever', async () => {
    const { queue, keys } = await setup({ records: 'results' })
    const handle = await queue.submit({ n: 1 })
    expect(await keys()).toEqual([])
    expect(await handle.status()).toBeUndefined()
    const waiting = queue.result(handle.id)
    const job = await nextOf(queue)
    expect([job.key, job.metadata, await job.text()]).toEqual([undefined, { n: 1 }, ''])
    await job.complete({ value: 1, assets: { output: 'small' } })
    expect((await waiting).value).toBe(1)
    expect(await handle.status()).toBe('completed')
    expect(await keys()).toEqual([`results/${handle.id}.json`])
    expect(await (await nextOf(queue, 'completed')).text('output')).toBe('small')
  })

  test('results: what needs an input says so', async () => {
    const { queue } = await setup({ records: 'results' })
    const bare = await queue.submit({ n: 1 })
    expect(await refusal(bare.cancel())).toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('a body or an `id` of your own'),
    })
    const withBody = await queue.submit({ body: 'x' })
    const withId = await queue.submit({ n: 1 }, { id: 'mine' })
    expect([await withBody.cancel(), await withId.cancel()]).toEqual([true, true])
  })

  test('results: bodies, keys, ids and large metadata go through', async () => {
    const { queue } = await setup({ records: 'results' })
    const text = 'x'.repeat(60_000)
    await queue.submit({ text })
    expect((await nextOf(queue)).metadata).toEqual({ text })
    const key = await queue.store({ text, body: 'stored' })
    await queue.trigger('pending', key)
    const job = await nextOf(queue)
    expect([job.metadata, await job.text()]).toEqual([{ text }, 'stored'])
    await queue.submit({ n: 1, body: 'x' }, { id: 'mine' })
    await queue.submit({ n: 1, body: 'y' }, { id: 'mine' })
    expect(await refusal(queue.submit({ n: 2 }, { id: 'mine' }))).toMatchObject({ code: 'ID_IN_USE' })
  })

  test('results: released and taken again, a job that has ended does not run again', async () => {
    const { queue, another } = await setup({ records: 'results' })
    const handle = await queue.submit({ n: 1 })
    const job = await nextOf(queue)
    await job.release()
    const again = await nextOf(another())
    expect([again.id, again.attempt]).toEqual([handle.id, 2])
    await again.complete()
    expect((await handle.result()).attempt).toBe(2)
  })

  test('none: nothing is written but bodies and assets; the end is told on the status queues', async () => {
    const { queue, keys } = await setup({ records: 'none' })
    const handle = await queue.submit({ n: 1 })
    await (
      await nextOf(queue)
    ).complete({ value: { sum: 3 }, assets: { output: 'small', large: Buffer.alloc(100_000) } })
    expect(await keys()).toEqual([expect.stringMatching(`^assets/${handle.id}/.*/large$`)])
    const done = await nextOf(queue, 'completed')
    expect([done.id, done.metadata, (await done.result()).value, await done.text('output')]).toEqual([
      handle.id,
      { n: 1 },
      { sum: 3 },
      'small',
    ])
    expect(await done.bytes('large')).toHaveLength(100_000)
    await queue.submit({ n: 2 })
    await (await nextOf(queue)).fail(new Error('no'))
    expect((await (await nextOf(queue, 'failed')).result()).error?.message).toBe('no')
  })

  test('none: what nothing is known of says so', async () => {
    const { queue } = await setup({ records: 'none' })
    const handle = await queue.submit({ n: 1 })
    for (const call of [
      () => handle.status(),
      () => handle.result(),
      () => handle.cancel(),
      () => queue.status(handle.id),
      () => queue.result(handle.id),
      () => queue.cancel(handle.id),
      () => Array.fromAsync(queue.list()),
      () => queue.submit({ n: 1 }, { id: 'mine' }),
    ]) {
      expect(await refusal(call())).toMatchObject({ code: 'UNSUPPORTED', message: expect.stringContaining("'none'") })
    }
  })

  test('none: a job with a body is read, given back and done', async () => {
    const { queue } = await setup({ records: 'none' })
    await queue.submit({ n: 1, body: 'x' })
    await (await nextOf(queue)).release()
    const job = await nextOf(queue)
    expect([job.attempt, await job.text()]).toEqual([2, 'x'])
    await job.complete()
    await job.complete()
    expect(await refusal(job.fail(new Error('no')))).toMatchObject({ code: 'ALREADY_SETTLED' })
  })
})
