import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { grounds, nextOf, useStage } from './setup.ts'

describe.each(grounds)('a job whose message was received nearly too often, on $ground', ({ start }) => {
  const { setup } = useStage(start)

  test('outlasts it: the message goes, its worker keeps the job, and ends it', async () => {
    const { queue, another, raw, name, deadLetters, keys } = await setup({ leaseSeconds: 3, attempts: 1 })
    const handle = await queue.submit({ n: 1 })
    for (let receives = 1; receives < 8; receives += 1) await (await nextOf(queue)).release({ counted: false })
    const job = await nextOf(queue)
    job.hold()
    // Longer than its lease: what keeps it now is its sign of life.
    expect(await another().next('pending', { waitSeconds: 6 })).toBeUndefined()
    expect(await keys(`history/${handle.id}/`)).toContainEqual(expect.stringMatching(/-renewed-/))
    expect([job.signal.aborted, await handle.status()]).toEqual([false, 'active'])
    await job.complete({ value: 'done' })
    expect(await handle.result()).toMatchObject({ value: 'done' })
    expect(await raw.queue(`${name}-pending`).receive({ max: 10, waitSeconds: 0, leaseSeconds: 3 })).toEqual([])
    expect(await deadLetters()).toEqual([])
  })

  test('is given back with a message of its own', async () => {
    const { queue, another } = await setup({ leaseSeconds: 3, attempts: 1 })
    await queue.submit({ n: 1 })
    for (let receives = 1; receives < 8; receives += 1) await (await nextOf(queue)).release({ counted: false })
    const job = await nextOf(queue)
    const renewed = another()
    job.hold()
    expect(await renewed.next('pending', { waitSeconds: 4 })).toBeUndefined()
    await job.release({ delaySeconds: 1, error: new Error('busy') })
    const again = await nextOf(renewed)
    expect([again.id, again.attempt]).toEqual([job.id, job.attempt + 1])
    await again.complete()
  })

  test('is lost to its worker two leases after its last sign of life', async () => {
    const { queue } = await setup({ leaseSeconds: 3, attempts: 1 })
    await queue.submit({ n: 1 })
    for (let receives = 1; receives < 8; receives += 1) await (await nextOf(queue)).release({ counted: false })
    const job = await nextOf(queue)
    const holding = job.hold()
    await queue.next('pending', { waitSeconds: 2 })
    await holding[Symbol.asyncDispose]()
    const lost = await once(job.signal, 'abort').then(() => job.signal.reason as unknown)
    expect(lost).toMatchObject({ code: 'LEASE_LOST', message: expect.stringContaining('lasted 6 seconds') })
  })
})
