import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { JobAlreadySettledError, JobCancelledError } from '../../src/index.ts'
import { grounds, nextOf, refusal, useStage } from './setup.ts'

describe.each(grounds)('cancelling, over $ground', ({ start }) => {
  const { setup } = useStage(start)

  test('a waiting job that is cancelled never runs, and is announced as failed', async () => {
    const { queue, raw, name } = await setup()
    const handle = await queue.submit({ n: 1, body: 'x' })
    expect(await handle.cancel()).toBe(true)
    expect(await queue.status(handle.id)).toBe('cancelled')
    const error = await refusal(handle.result())
    expect(error).toBeInstanceOf(JobCancelledError)
    expect(error).toMatchObject({
      code: 'JOB_CANCELLED',
      jobId: handle.id,
      message: `Job "${handle.id}" was cancelled`,
    })
    expect(await queue.next('pending', { waitSeconds: 0 })).toBeUndefined()
    const word = await nextOf(queue, 'failed')
    expect([word.id, word.metadata, (await word.result()).status]).toEqual([handle.id, { n: 1 }, 'cancelled'])
    expect(await raw.queue(`${name}-pending`).receive({ max: 1, waitSeconds: 0, leaseSeconds: 3 })).toEqual([])
  })

  test('cancelling again is true again; cancelling what has ended is false', async () => {
    const { queue } = await setup()
    const [one, two, three] = [await queue.submit({ n: 1 }), await queue.submit({ n: 2 }), await queue.submit({ n: 3 })]
    expect([await queue.cancel(one.id), await queue.cancel(one.id)]).toEqual([true, true])
    const jobs = [await nextOf(queue), await nextOf(queue)]
    await jobs.find(({ id }) => id === two.id)?.complete()
    await jobs.find(({ id }) => id === three.id)?.fail(new Error('no'))
    expect([await two.cancel(), await three.cancel()]).toEqual([false, false])
    expect([await two.status(), await three.status()]).toEqual(['completed', 'failed'])
  })

  test('a worker that completes a cancelled job is told so; nothing of its outcome is kept, and its message goes', async () => {
    const { queue, keys } = await setup()
    const handle = await queue.submit({ n: 1 })
    const job = await nextOf(queue)
    expect(await handle.cancel()).toBe(true)
    const error = await refusal(job.complete({ output: Buffer.alloc(100_000) }))
    expect(error).toBeInstanceOf(JobAlreadySettledError)
    expect(error).toMatchObject({ code: 'ALREADY_SETTLED', status: 'cancelled' })
    expect(await refusal(job.complete())).toMatchObject({ code: 'ALREADY_SETTLED', status: 'cancelled' })
    expect(await keys('assets/')).toEqual([])
    expect(await handle.status()).toBe('cancelled')
    expect((await nextOf(queue, 'failed')).id).toBe(handle.id)
    expect(await queue.next('completed', { waitSeconds: 0 })).toBeUndefined()
  })

  test('a worker that fails a cancelled job is told so too', async () => {
    const { queue } = await setup()
    const handle = await queue.submit({ n: 1 })
    const job = await nextOf(queue)
    await handle.cancel()
    expect(await refusal(job.fail(new Error('no')))).toMatchObject({ code: 'ALREADY_SETTLED', status: 'cancelled' })
  })

  test('a running job that is held learns of it at its next heartbeat: its signal aborts', async () => {
    const { queue } = await setup({ leaseSeconds: 3 })
    const handle = await queue.submit({ n: 1 })
    const job = await nextOf(queue)
    await using _lease = job.hold()
    const { signal } = job
    await handle.cancel()
    await once(signal, 'abort')
    expect(signal.reason).toMatchObject({ code: 'ALREADY_SETTLED', status: 'cancelled' })
  })

  test('a released job that was cancelled meanwhile does not come back', async () => {
    const { queue } = await setup()
    const handle = await queue.submit({ n: 1 })
    const job = await nextOf(queue)
    await handle.cancel()
    await job.release()
    expect(await queue.next('pending', { waitSeconds: 0 })).toBeUndefined()
    expect((await nextOf(queue, 'failed')).id).toBe(handle.id)
  })

  test('of a cancel and a complete at the same moment one wins, and both are told the same', async () => {
    const { queue } = await setup()
    for (let round = 0; round < 5; round += 1) {
      const handle = await queue.submit({ round })
      const job = await nextOf(queue)
      const [cancelled, completed] = await Promise.all([
        handle.cancel(),
        job.complete().then(
          () => true,
          () => false,
        ),
      ])
      expect(cancelled).toBe(!completed)
      expect(await handle.status()).toBe(cancelled ? 'cancelled' : 'completed')
    }
  })

  test('a job that there is not is JOB_NOT_FOUND', async () => {
    const { queue } = await setup()
    expect(await refusal(queue.cancel('nobody'))).toMatchObject({
      code: 'JOB_NOT_FOUND',
      message: expect.stringContaining('"nobody"'),
    })
  })
})
