import { describe, expect, test, vi } from 'vitest'
import { grounds, nextOf, onLocal, refusal, useStage } from './setup.ts'

describe.each(grounds)('giving a job back, over $ground', ({ start }) => {
  const { setup } = useStage(start)

  test('release: the next delivery comes at once, an attempt later', async () => {
    const { queue } = await setup()
    const handle = await queue.submit({ n: 1, body: 'x' })
    const job = await nextOf(queue)
    await job.progress(0.5)
    await job.release()
    expect(await handle.status()).toBe('pending')
    const again = await nextOf(queue)
    expect([again.id, again.attempt, again.metadata, await again.text()]).toEqual([handle.id, 2, { n: 1 }, 'x'])
    await again.complete()
    expect((await handle.result()).attempt).toBe(2)
  })

  test('release({ counted: false }) costs no attempt', async () => {
    const { queue } = await setup()
    await queue.submit({ n: 1 })
    await (await nextOf(queue)).release({ counted: false })
    await (await nextOf(queue)).release({ counted: false })
    const third = await nextOf(queue)
    expect(third.attempt).toBe(1)
    await third.release()
    expect((await nextOf(queue)).attempt).toBe(2)
  })

  test('leaving the scope of `await using` gives an unsettled job back, and a settled one not', async () => {
    const { queue } = await setup()
    await queue.submit({ n: 1 })
    {
      await using job = await nextOf(queue)
      expect(job.attempt).toBe(1)
    }
    {
      await using job = await nextOf(queue)
      expect(job.attempt).toBe(2)
      await job.complete()
    }
    expect(await queue.next('pending', { waitSeconds: 0 })).toBeUndefined()
  })

  test('a released job is not this worker’s any more; releasing it again changes nothing', async () => {
    const { queue } = await setup()
    await queue.submit({ n: 1 })
    const job = await nextOf(queue)
    await job.release()
    await job.release()
    for (const end of [
      () => job.complete(),
      () => job.fail(new Error('no')),
      () => job.progress(1),
      () => job.acknowledge(),
    ]) {
      expect(await refusal(end())).toMatchObject({
        code: 'LEASE_LOST',
        message: expect.stringContaining('it was released'),
      })
    }
    expect((await nextOf(queue)).attempt).toBe(2)
  })

  test('a job given back thirty times never becomes poison, and its attempts are counted right', async () => {
    const { queue, deadLetters } = await setup()
    const handle = await queue.submit({ n: 1, body: 'x' })
    const attempts: number[] = []
    for (let times = 0; times < 30; times += 1) {
      const job = await nextOf(queue)
      attempts.push(job.attempt)
      await job.release({ counted: times % 3 !== 2 })
    }
    expect(attempts).toEqual(Array.from({ length: 30 }, (_, times) => 1 + times - Math.floor(times / 3)))
    const last = await nextOf(queue)
    expect([last.id, last.attempt, await last.text()]).toEqual([handle.id, 21, 'x'])
    await last.complete()
    expect((await handle.result()).attempt).toBe(21)
    expect(await deadLetters()).toEqual([])
    expect(await queue.next('pending', { waitSeconds: 0 })).toBeUndefined()
  })
})

describe('giving a job back, by the clock', () => {
  const { setup } = useStage(onLocal)

  test('release({ delaySeconds }) keeps it from others for so long', async () => {
    const { queue } = await setup()
    await queue.submit({ n: 1 })
    await (await nextOf(queue)).release({ delaySeconds: 600 })
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 599_000 })
    try {
      expect(await queue.next('pending', { waitSeconds: 0 })).toBeUndefined()
      vi.setSystemTime(Date.now() + 2000)
      expect((await nextOf(queue)).attempt).toBe(2)
    } finally {
      vi.useRealTimers()
    }
  })

  test('a release that is refused leaves the job in hand', async () => {
    const { queue } = await setup()
    const handle = await queue.submit({ n: 1 })
    const job = await nextOf(queue)
    for (const delaySeconds of [-1, 901, 1.5, Number.NaN]) {
      const error = await refusal(job.release({ delaySeconds }))
      expect(error).toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: `Expected \`delaySeconds\` to be an integer from 0 to 900, got ${delaySeconds}`,
      })
    }
    await job.complete()
    expect((await handle.result()).status).toBe('completed')
  })
})
