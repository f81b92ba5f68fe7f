import { describe, expect, it } from 'vitest'
import { grounds, nextOf, refusal, useStage } from './setup.ts'

describe.each(grounds)('a past job once more, on $ground', ({ start }) => {
  const stage = useStage(start)

  it('has the same data, options and bytes, and an end of its own', async () => {
    const { queue, another } = await stage.setup()
    const data = { filename: 'a.txt', n: 1, long: 'x'.repeat(60_000), body: 'the input' }
    const old = await queue.submit(data, { attempts: 7, timeoutSeconds: 90, delaySeconds: 0 })
    await (await nextOf(queue)).complete({ value: 1 })
    const handle = await another().retry(old.id)
    expect(handle.id).not.toBe(old.id)
    const job = await nextOf(queue)
    expect(job).toMatchObject({ id: handle.id, filename: 'a.txt', attempt: 1, attempts: 7, timeoutSeconds: 90 })
    expect(job.metadata).toEqual({ filename: 'a.txt', n: 1, long: 'x'.repeat(60_000) })
    expect(await job.text()).toBe('the input')
    await job.complete({ value: 2 })
    expect([(await old.result()).value, (await handle.result()).value]).toEqual([1, 2])
  })

  it('can be asked for again and again, of a retry too, and still reads the first bytes', async () => {
    const { queue, keys } = await stage.setup()
    const first = await queue.submit({ body: 'bytes' })
    const second = await queue.retry(first.id)
    const third = await queue.retry(second.id)
    expect(third.key).toBe(first.key)
    const texts = [await nextOf(queue), await nextOf(queue), await nextOf(queue)].map((job) => job.text())
    expect(await Promise.all(texts)).toEqual(['bytes', 'bytes', 'bytes'])
    expect((await keys()).filter((key) => !key.startsWith('inputs/') && !key.startsWith('live/'))).toEqual([])
  })

  it('of metadata alone has no bytes either', async () => {
    const { queue } = await stage.setup()
    const old = await queue.submit({ n: 1 })
    await (await nextOf(queue)).complete()
    await queue.retry(old.id)
    const job = await nextOf(queue)
    expect([job.metadata, await job.text()]).toEqual([{ n: 1 }, ''])
  })

  it('under an id of the caller’s own is one job however often it is asked for, and no other', async () => {
    const { queue } = await stage.setup()
    const [a, b] = [await queue.submit({ n: 1, body: 'a' }), await queue.submit({ n: 1, body: 'b' })]
    const handle = await queue.retry(a.id, { id: 'again' })
    expect([handle.id, (await queue.retry(a.id, { id: 'again' })).id]).toEqual(['again', 'again'])
    expect(await refusal(queue.retry(b.id, { id: 'again' }))).toMatchObject({ code: 'ID_IN_USE' })
    expect(await refusal(queue.retry(a.id, { id: a.id }))).toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  it('does not pass on another input than the one it had', async () => {
    const { queue, raw } = await stage.setup()
    const old = await queue.submit({ key: 'my/input', body: 'then' })
    await (await nextOf(queue)).complete()
    await raw.objects.put('my/input', Buffer.from('now'))
    await queue.retry(old.id)
    expect(await refusal((await nextOf(queue)).text())).toMatchObject({ code: 'INPUT_CHANGED' })
  })

  it('that nobody asked for is not found; one of which nothing was kept says what to do', async () => {
    const all = await stage.setup()
    expect(await refusal(all.queue.retry('nobody'))).toMatchObject({ code: 'JOB_NOT_FOUND' })
    const { queue } = await stage.setup({ records: 'results' })
    const { id } = await queue.submit({ n: 1 })
    expect(await refusal(queue.retry(id))).toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('submit it anew'),
    })
    const withBody = await queue.submit({ n: 1, body: 'bytes' })
    expect((await queue.retry(withBody.id)).key).toBe(withBody.key)
  })
})
