import { describe, expect, test } from 'vitest'
import { grounds, nextOf, refusal, useStage } from './setup.ts'

describe.each(grounds)('all that is known of a job, over $ground', ({ start }) => {
  const { setup } = useStage(start)

  test('is what was asked for, while it waits', async () => {
    const { queue } = await setup()
    const runAt = new Date(Date.now() + 600_000)
    const { id } = await queue.submit(
      { filename: 'cat.txt', colour: 'grey', body: 'miaow' },
      { attempts: 5, timeoutSeconds: 60, group: 'cats', expiresSeconds: 3600, runAt },
    )
    const details = await queue.inspect(id)
    expect(details).toMatchObject({
      id,
      status: 'pending',
      metadata: { filename: 'cat.txt', colour: 'grey' },
      filename: 'cat.txt',
      contentType: 'text/plain',
      runAt,
      attempts: 5,
      timeoutSeconds: 60,
      group: 'cats',
      events: [],
    })
    expect(details?.submittedAt?.getTime()).toBeGreaterThan(Date.now() - 60_000)
    expect(details?.expiresAt?.getTime()).toBe((details?.submittedAt?.getTime() ?? 0) + 3_600_000)
    expect([details?.active, details?.result, details?.retryOf]).toEqual([undefined, undefined, undefined])
    expect(await details?.input?.text()).toBe('miaow')
  })

  test('is how far it is, in a worker’s hands', async () => {
    const { queue } = await setup()
    const { id } = await queue.submit({ n: 1 })
    const job = await nextOf(queue)
    await job.progress({ done: 3, of: 4 })
    const details = await queue.inspect(id)
    expect(details).toMatchObject({ status: 'active', active: { attempt: 1, progress: { done: 3, of: 4 } } })
    expect(details?.input).toBeUndefined()
  })

  test('is each of its tries with its error, and its end', async () => {
    const { queue } = await setup()
    const { id } = await queue.submit({ body: 'x' }, { attempts: 3 })
    await (await nextOf(queue)).release({ error: new TypeError('first') })
    await (await nextOf(queue)).release({ error: new Error('second') })
    await (await nextOf(queue)).complete({ body: 'done' })
    const details = await queue.inspect(id)
    expect(details?.status).toBe('completed')
    expect(details?.events.filter(({ kind }) => kind === 'failed')).toMatchObject([
      { delivery: 1, error: { name: 'TypeError', message: 'first' } },
      { delivery: 2, error: { name: 'Error', message: 'second' } },
    ])
    expect(details?.result?.attempt).toBe(3)
    expect(await details?.result?.assets['output']?.text()).toBe('done')
  })

  test('leads from a job that was tried again to the one before, and to the same bytes', async () => {
    const { queue } = await setup()
    const { id } = await queue.submit({ body: 'bytes', n: 1 })
    const again = await queue.inspect((await queue.retry(id)).id)
    expect(again).toMatchObject({ retryOf: id, metadata: { n: 1 }, status: 'pending' })
    expect(await again?.input?.text()).toBe('bytes')
  })

  test('is nothing of a job that never was, and cannot be where nothing is written down', async () => {
    const { queue, another } = await setup()
    expect(await queue.inspect('nobody')).toBeUndefined()
    expect(await refusal(queue.inspect('../x'))).toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(await refusal(another({ records: 'none' }).inspect('one'))).toMatchObject({ code: 'UNSUPPORTED' })
  })
})
