import { once } from 'node:events'
import { describe, expect, test, vi } from 'vitest'
import { JobAlreadySettledError } from '../../src/index.ts'
import { grounds, nextOf, onLocal, refusal, useStage } from './setup.ts'

describe.concurrent.each(grounds)('leases of three seconds, over $ground', ({ start }) => {
  const { setup } = useStage(start)

  test('a job that nobody holds is delivered again after its lease, and its first worker’s signal has aborted', async () => {
    const { queue, another } = await setup({ leaseSeconds: 3 })
    const { id } = await queue.submit({ n: 1 })
    const job = await nextOf(queue)
    const aborted = once(job.signal, 'abort')
    const again = await nextOf(another())
    expect([again.id, again.attempt]).toEqual([id, 2])
    await aborted
    expect(job.signal.reason).toMatchObject({
      code: 'LEASE_LOST',
      message: expect.stringContaining('it lasted 3 seconds'),
    })
  })

  test('hold() renews the lease, so that a long job stays one worker’s, and shows as active', async () => {
    const { queue, another } = await setup({ leaseSeconds: 3 })
    const handle = await queue.submit({ n: 1 })
    const job = await nextOf(queue)
    {
      await using _lease = job.hold()
      expect(await another().next('pending', { waitSeconds: 4.5 })).toBeUndefined()
      expect(job.signal.aborted).toBe(false)
      expect(await handle.status()).toBe('active')
    }
    await job.complete()
    expect((await handle.result()).attempt).toBe(1)
  })

  test('hold() that is disposed of renews no more', async () => {
    const { queue } = await setup({ leaseSeconds: 3 })
    await queue.submit({ n: 1 })
    const job = await nextOf(queue)
    await job.hold()[Symbol.asyncDispose]()
    await once(job.signal, 'abort')
    expect(job.signal.reason).toMatchObject({ code: 'LEASE_LOST' })
  })
})

describe('leases by the clock', () => {
  const { setup } = useStage(onLocal)

  async function later<Value>(seconds: number, act: () => Promise<Value>): Promise<Value> {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1000 })
    try {
      return await act()
    } finally {
      vi.useRealTimers()
    }
  }

  test('are 30 seconds unless the queue says otherwise', async () => {
    const { queue } = await setup()
    await queue.submit({ n: 1 })
    await nextOf(queue)
    await later(29, async () => expect(await queue.next('pending', { waitSeconds: 0 })).toBeUndefined())
    await later(31, async () => expect((await nextOf(queue)).attempt).toBe(2))
  })

  test('a slow worker that ends after another is told so, twice if it asks twice, and harms nothing', async () => {
    const { queue, keys } = await setup()
    const handle = await queue.submit({ n: 1 })
    const slow = await nextOf(queue)
    const quick = await later(31, () => nextOf(queue))
    await quick.complete({ value: 'quick', assets: { output: Buffer.alloc(100_000) } })
    const files = await keys('assets/')
    for (const end of [
      () => slow.complete({ output: Buffer.alloc(90_000) }),
      () => slow.fail(new Error('no')),
      () => slow.complete(),
    ]) {
      const error = await refusal(end())
      expect(error).toBeInstanceOf(JobAlreadySettledError)
      expect(error).toMatchObject({ code: 'ALREADY_SETTLED', status: 'completed' })
    }
    expect(await keys('assets/')).toEqual(files)
    expect(await handle.result()).toMatchObject({ value: 'quick', attempt: 2 })
  })

  test('a slow worker that ends first, lease or not, decides; the other is told', async () => {
    const { queue } = await setup()
    const handle = await queue.submit({ n: 1 })
    const slow = await nextOf(queue)
    const second = await later(31, () => nextOf(queue))
    await slow.complete({ value: 'slow' })
    expect(await refusal(second.complete({ value: 'second' }))).toMatchObject({ code: 'ALREADY_SETTLED' })
    expect(await handle.result()).toMatchObject({ value: 'slow', attempt: 1 })
    expect(await later(100, () => queue.next('pending', { waitSeconds: 0 }))).toBeUndefined()
  })

  test('what is over cannot be released any more', async () => {
    const { queue } = await setup()
    await queue.submit({ n: 1 })
    const slow = await nextOf(queue)
    await later(31, async () => {
      await nextOf(queue)
      expect(await refusal(slow.release())).toMatchObject({ code: 'LEASE_LOST' })
    })
  })

  test('a job that was cancelled or completed does not come back after a lease', async () => {
    const { queue } = await setup()
    await queue.submit({ n: 1 })
    await (await nextOf(queue)).complete()
    expect(await later(31, () => queue.next('pending', { waitSeconds: 0 }))).toBeUndefined()
  })

  test('a worker that acknowledges first works at most once', async () => {
    const { queue } = await setup()
    const handle = await queue.submit({ n: 1 })
    const job = await nextOf(queue)
    await job.acknowledge()
    expect(await later(86_400, () => queue.next('pending', { waitSeconds: 0 }))).toBeUndefined()
    await job.progress(0.5)
    await job.complete({ value: 1 })
    expect(await handle.result()).toMatchObject({ status: 'completed', value: 1 })
    expect((await nextOf(queue, 'completed')).id).toBe(handle.id)
  })

  test('of two that acknowledge one delivery after the other, the second is told to leave it', async () => {
    const { queue } = await setup()
    await queue.submit({ n: 1 })
    const slow = await nextOf(queue)
    const second = await later(31, () => nextOf(queue))
    await slow.acknowledge()
    expect(await refusal(second.acknowledge())).toMatchObject({
      code: 'LEASE_LOST',
      message: expect.stringContaining('acknowledged job'),
    })
  })

  test('a job nobody started in time expires: it does not run, its requester and `failed` are told', async () => {
    const { queue } = await setup()
    const handle = await queue.submit({ n: 1 }, { expiresSeconds: 60 })
    await later(61, async () => {
      expect(await queue.next('pending', { waitSeconds: 0 })).toBeUndefined()
      expect(await handle.status()).toBe('expired')
      expect(await refusal(handle.result())).toMatchObject({
        code: 'JOB_EXPIRED',
        message: `Job "${handle.id}" expired: no worker started it in time`,
      })
      expect(await (await nextOf(queue, 'failed')).result()).toMatchObject({
        id: handle.id,
        status: 'expired',
        attempt: 0,
      })
    })
  })

  test('a job started in time runs to its end', async () => {
    const { queue } = await setup()
    const handle = await queue.submit({ n: 1 }, { expiresSeconds: 60 })
    const job = await nextOf(queue)
    await later(61, () => job.complete())
    expect((await handle.result()).status).toBe('completed')
  })

  test('a job whose workers die again and again is not lost', async () => {
    const { queue, deadLetters } = await setup()
    const handle = await queue.submit({ n: 1 })
    let deliveries = 0
    await later(0, async () => {
      while (await queue.next('pending', { waitSeconds: 0 })) {
        deliveries += 1
        vi.setSystemTime(Date.now() + 31_000)
      }
      // Whether by the queue's own limit or by ours, it is not lost.
      if ((await handle.status()) === 'pending') expect(await deadLetters()).toHaveLength(1)
      else expect(await refusal(handle.result())).toMatchObject({ code: 'JOB_FAILED', cause: { code: 'CRASHED' } })
    })
    expect(deliveries).toBeGreaterThanOrEqual(10)
  })
})
