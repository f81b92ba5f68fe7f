import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import type { Queue } from '../../src/index.ts'
import { nextOf, onLocal, refusal, useStage } from './setup.ts'

const stage = useStage(onLocal)

/** A job that is to be taken from under its holder: by the end of its lease, without waiting for it. */
async function heldTwice(queue: Queue, another: Queue) {
  const handle = await queue.submit({ n: 1 })
  const first = await nextOf(queue)
  await once(first.signal, 'abort')
  return { handle, first, second: await nextOf(another) }
}

describe('holding', () => {
  test('for longer than the lease begins at once, so that little time left is enough', async () => {
    const { queue, another } = await stage.setup({ leaseSeconds: 3 })
    await queue.submit({ n: 1 })
    await using job = await nextOf(queue)
    job.hold(60)
    expect(await another().next('pending', { waitSeconds: 3.5 })).toBeUndefined()
    expect(job.signal.aborted).toBe(false)
  })

  test('is refused to a worker whose lease is over, and so is progress; its end disturbs nobody', async () => {
    const { queue, another } = await stage.setup({ leaseSeconds: 3 })
    const { handle, first, second } = await heldTwice(queue, another())
    await second.progress(1)
    expect(await refusal((async () => first.hold())())).toMatchObject({
      code: 'LEASE_LOST',
      message: expect.stringContaining('lasted 3 seconds'),
    })
    expect(await refusal(first.progress(5))).toMatchObject({ code: 'LEASE_LOST' })
    await first[Symbol.asyncDispose]()
    expect(await handle.status()).toBe('active')
    await second.complete()
  })

  test('ends with the queue', async () => {
    const { another } = await stage.setup()
    const queue = another()
    await queue.submit({ n: 1 })
    const job = await nextOf(queue)
    job.hold()
    await queue.close()
    expect(job.signal.reason).toMatchObject({ code: 'CLOSED' })
  })

  test('gives up files that never end when the job is cancelled', async () => {
    const { queue } = await stage.setup({ leaseSeconds: 3 })
    const handle = await queue.submit({ n: 1 })
    const job = await nextOf(queue)
    job.hold()
    const { promise: never } = Promise.withResolvers<never>()
    const completing = job.complete({
      body: (async function* () {
        yield 'begins'
        yield await never
      })(),
    })
    await handle.cancel()
    expect(await refusal(completing)).toMatchObject({ code: 'ALREADY_SETTLED' })
  })
})

describe('an outcome that would lose something without a word is refused', () => {
  test.each([
    [{ output: Buffer.from('x'), value: 3 }, 'not "output"'],
    [{ body: 'x', value: 3 }, 'not "value"'],
    [{ body: 'x', log: 'y' }, 'not "log"'],
    [{ name: 'TypeError', message: 'boom' }, 'look like an error'],
    [{ filename: 'a.png', contentType: 'image/png' }, '`filename` and no `body`'],
  ])('%j', async (outcome, words) => {
    const { queue } = await stage.setup()
    await queue.submit({ n: 1 })
    const job = await nextOf(queue)
    expect(await refusal(job.complete(outcome as unknown as null))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(words),
    })
    await job.complete()
  })
})

test('verbs that are called at once take their turns', async () => {
  const { queue, another } = await stage.setup()
  const handle = await queue.submit({ n: 1 })
  const job = await nextOf(queue)
  const [released, acknowledged] = await Promise.allSettled([job.release(), job.acknowledge()])
  expect([released.status, acknowledged.status]).toEqual(['fulfilled', 'rejected'])
  await (await nextOf(another())).complete()
  expect((await handle.result()).status).toBe('completed')
})

test('a web stream is cancelled at once when its submission is aborted', async () => {
  const { queue } = await stage.setup()
  await queue.ready()
  const { promise: cancelled, resolve } = Promise.withResolvers<unknown>()
  const stop = new AbortController()
  const body = new ReadableStream({ pull: () => new Promise(() => {}), cancel: resolve })
  const submitting = queue.submit({ body }, { signal: stop.signal })
  stop.abort(new Error('never mind'))
  await expect(submitting).rejects.toThrow('never mind')
  await cancelled
})
