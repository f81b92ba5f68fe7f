import { describe, expect, it } from 'vitest'
import { grounds, nextOf, onLocal, refusal, useStage } from '../queue/setup.ts'

describe.each(grounds)('dead letters on $ground', ({ start }) => {
  const stage = useStage(start)

  it('are listed with their reason, and stay where they are', async () => {
    const { queue, send } = await stage.setup()
    await send('{bad')
    await queue.submit({ good: true })
    await (await nextOf(queue)).complete()
    for (let look = 0; look < 2; look += 1) {
      const letters = await Array.fromAsync(queue.deadLetters())
      expect(letters).toMatchObject([
        { id: undefined, body: '{bad', reason: expect.stringMatching(/not a JSON object/) },
      ])
    }
  })

  it('a job that crashed its workers too often ends as failed when it is reaped, and its requester learns of it', async () => {
    const { queue, raw, name } = await stage.setup()
    const handle = await queue.submit({ n: 1, body: 'input' })
    // A worker that takes the job and dies: its start is noted, and its lease ends.
    const pending = raw.queue(`${name}-pending`)
    for (let crash = 0; crash < 10; crash += 1) {
      const [delivery] = await pending.receive({ max: 1, waitSeconds: 2, leaseSeconds: 30 })
      if (crash > 0)
        await raw.objects.put(
          `history/${handle.id}/${String(crash + 1).padStart(6, '0')}-started-dead${crash}.json`,
          Buffer.from('{}'),
        )
      await pending.extend(delivery?.receipt ?? '', 0)
    }
    expect(await pending.receive({ max: 1, waitSeconds: 1, leaseSeconds: 1 })).toEqual([])
    expect(await queue.reap()).toMatchObject({ failed: [handle.id], resent: [] })
    await expect(handle.result({ timeoutSeconds: 5 })).rejects.toMatchObject({
      code: 'JOB_FAILED',
      cause: { code: 'CRASHED' },
    })
    expect(await Array.fromAsync(queue.deadLetters())).toEqual([])
    expect((await nextOf(queue, 'failed')).id).toBe(handle.id)
  })

  it('a job whose deliveries were lost on the way, and that never ran, is sent again when it is reaped', async () => {
    const { queue, raw, name } = await stage.setup()
    const handle = await queue.submit({ n: 1, body: 'input' })
    const pending = raw.queue(`${name}-pending`)
    for (let lost = 0; lost < 10; lost += 1) {
      const [delivery] = await pending.receive({ max: 1, waitSeconds: 2, leaseSeconds: 30 })
      await pending.extend(delivery?.receipt ?? '', 0)
    }
    expect(await pending.receive({ max: 1, waitSeconds: 1, leaseSeconds: 1 })).toEqual([])
    expect(await queue.reap()).toMatchObject({ failed: [], resent: [handle.id] })
    const job = await nextOf(queue)
    expect([job.id, await job.text()]).toEqual([handle.id, 'input'])
    await job.complete({ value: 'at last' })
    expect(await handle.result({ timeoutSeconds: 5 })).toMatchObject({ value: 'at last' })
  })

  it('are brought back by choice, each as a new job that names the old one, which ends as failed', async () => {
    const { queue, raw, name } = await stage.setup()
    const first = await queue.submit({ n: 1, body: 'one' })
    const second = await queue.submit({ n: 2, body: 'two' })
    const pending = raw.queue(`${name}-pending`)
    for (let times = 0; times < 22; times += 1) {
      const deliveries = await pending.receive({ max: 10, waitSeconds: 0, leaseSeconds: 30 })
      for (const { receipt } of deliveries) await pending.extend(receipt, 0)
    }
    const [redriven, ...more] = await queue.redrive({ ids: [second.id] })
    expect(more).toEqual([])
    expect(redriven).toMatchObject({ id: second.id })
    expect(redriven?.newId).not.toBe(second.id)
    const job = await nextOf(queue)
    expect([job.id, job.attempt, await job.text()]).toEqual([redriven?.newId, 1, 'two'])
    await job.complete()
    await expect(second.result({ timeoutSeconds: 5 })).rejects.toMatchObject({ code: 'JOB_FAILED' })
    expect(await Array.fromAsync(queue.deadLetters())).toMatchObject([{ id: first.id }])
  })

  it('poison goes back word for word when asked to', async () => {
    const { queue, send, deadLetters } = await stage.setup()
    await send('{bad')
    expect(await queue.next('pending', { waitSeconds: 1 })).toBeUndefined()
    expect(await queue.redrive({ where: ({ body }) => body === '{bad' })).toEqual([{ id: undefined, newId: undefined }])
    expect(await queue.next('pending', { waitSeconds: 1 })).toBeUndefined()
    expect((await deadLetters()).map(({ body }) => body)).toEqual(['{bad'])
  })

  it('are never all brought back by mistake', async () => {
    const { queue } = await stage.setup()
    expect(await refusal(queue.redrive({}))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/where: \(\) => true/),
    })
  })
})

describe('reaping', () => {
  const stage = useStage(onLocal)

  it('sends a job again whose requester died before it did', async () => {
    const { queue, raw, name } = await stage.setup()
    const handle = await queue.submit({ n: 1, body: 'input' })
    const [delivery] = await raw.queue(`${name}-pending`).receive({ max: 1, waitSeconds: 1, leaseSeconds: 30 })
    await raw.queue(`${name}-pending`).delete(delivery?.receipt ?? '')
    expect(await queue.reap()).toEqual({ failed: [], resent: [], lost: [] })
    const now = Date.now
    try {
      Date.now = () => now() + 61_000
      expect(await queue.reap({ olderThanSeconds: 60 })).toMatchObject({ resent: [handle.id] })
      expect(await queue.reap({ olderThanSeconds: 60 })).toMatchObject({ resent: [] })
      const job = await nextOf(queue)
      expect([job.id, await job.text()]).toEqual([handle.id, 'input'])
      await job.complete()
    } finally {
      Date.now = now
    }
  })

  it('ends a job as lost whose worker acknowledged it early and was not heard of again', async () => {
    const { queue } = await stage.setup()
    const handle = await queue.submit({ n: 1, body: 'input' }, { timeoutSeconds: 30 })
    await (await nextOf(queue)).acknowledge()
    expect(await queue.reap()).toMatchObject({ lost: [] })
    const now = Date.now
    try {
      Date.now = () => now() + 31_000
      expect(await queue.reap()).toMatchObject({ lost: [handle.id] })
    } finally {
      Date.now = now
    }
    await expect(handle.result({ timeoutSeconds: 5 })).rejects.toMatchObject({
      code: 'JOB_FAILED',
      cause: { code: 'LOST' },
    })
  })
})
