import { describe, expect, test } from 'vitest'
import { grounds, nextOf, refusal, useStage } from './setup.ts'

describe.each(grounds)('finished jobs on the status queues, over $ground', ({ start }) => {
  const { setup } = useStage(start)

  test('a completed job comes on `completed` with its id, its metadata and its assets; acknowledge takes it off', async () => {
    const { queue, another } = await setup()
    const handle = await queue.submit({ name: 'Cat', filename: 'cat.png', body: 'meow' }, { attempts: 7 })
    await (await nextOf(queue)).complete({ value: 5, assets: { output: 'small', log: Buffer.alloc(100_000, 'x') } })
    const done = await nextOf(another(), 'completed')
    expect(done).toMatchObject({
      id: handle.id,
      metadata: { name: 'Cat', filename: 'cat.png' },
      filename: 'cat.png',
      key: handle.key,
      attempt: 1,
      attempts: 7,
    })
    expect(await done.text('output')).toBe('small')
    expect(await done.bytes('log')).toHaveLength(100_000)
    expect(await Array.fromAsync(done.createReadStream('output'), String)).toEqual(['small'])
    expect(await done.text()).toBe('meow')
    expect(await done.result()).toMatchObject({ id: handle.id, status: 'completed', value: 5 })
    await done.acknowledge()
    await done.acknowledge()
    expect(await queue.next('completed', { waitSeconds: 0 })).toBeUndefined()
  })

  test('a failed job comes on `failed`, with its error', async () => {
    const { queue } = await setup()
    const handle = await queue.submit({ n: 1 })
    await (await nextOf(queue)).fail(new Error('no'), { log: 'why' })
    const failed = await nextOf(queue, 'failed')
    expect(failed.id).toBe(handle.id)
    expect(await failed.result()).toMatchObject({ status: 'failed', error: { name: 'Error', message: 'no' } })
    expect(await failed.text('log')).toBe('why')
    await failed.acknowledge()
    expect(await queue.next('completed', { waitSeconds: 0 })).toBeUndefined()
  })

  test('an asset that the job has not is NOT_FOUND, and the message says what it has', async () => {
    const { queue } = await setup()
    await queue.submit({ n: 1 })
    await (await nextOf(queue)).complete({ output: 'a', log: 'b' })
    const done = await nextOf(queue, 'completed')
    const error = await refusal(done.bytes('outptu'))
    expect(error).toMatchObject({
      code: 'NOT_FOUND',
      message: `Job "${done.id}" has no asset "outptu"; it has "output", "log"`,
    })
    expect(await refusal(done.bytes('constructor'))).toMatchObject({ code: 'NOT_FOUND' })
  })

  test('a finished job cannot be completed again, and does not become another job', async () => {
    const { queue } = await setup()
    const handle = await queue.submit({ n: 1 })
    await (await nextOf(queue)).complete({ value: 1 })
    const done = await nextOf(queue, 'completed')
    expect(await refusal(done.complete({ value: 2 }))).toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('acknowledge()'),
    })
    expect(await refusal(done.fail(new Error('no')))).toMatchObject({ code: 'UNSUPPORTED' })
    expect((await handle.result()).value).toBe(1)
  })

  test('a finished job that is given back comes again, to somebody', async () => {
    const { queue } = await setup()
    const handle = await queue.submit({ n: 1 })
    await (await nextOf(queue)).complete()
    await (await nextOf(queue, 'completed')).release()
    const again = await nextOf(queue, 'completed')
    expect([again.id, again.attempt]).toEqual([handle.id, 1])
  })

  test('a queue without these statuses announces nothing, and results are awaited all the same', async () => {
    const { queue } = await setup({ statuses: ['pending'] })
    const handle = await queue.submit({ n: 1 })
    await (await nextOf(queue)).complete({ value: 1 })
    expect((await handle.result()).value).toBe(1)
    expect(await refusal(queue.next('completed'))).toMatchObject({ code: 'UNKNOWN_STATUS' })
  })

  test('a result too large for an announcement is read from the store', async () => {
    const { queue } = await setup()
    await queue.submit({ n: 1 })
    await (await nextOf(queue)).complete({ value: 'x'.repeat(50_000), assets: { output: 'y'.repeat(50_000) } })
    const done = await nextOf(queue, 'completed')
    expect((await done.result()).value).toHaveLength(50_000)
    expect(await done.text('output')).toHaveLength(50_000)
  })
})
