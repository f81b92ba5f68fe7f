import { describe, expect, test, vi } from 'vitest'
import type { Backend, MessageQueue, Place } from '../../src/backend.ts'
import { nextOf, onLocal, type Scene, useStage } from './setup.ts'

type Failing = 'send' | 'delete'

/** The same backend, on which the next calls of that kind, to that queue, fail. */
function failing(backend: Backend, call: Failing, full: (place: Place) => string | undefined, times = 1): Backend {
  let left = times
  const fail = async (): Promise<void> => {
    left -= 1
    throw new Error('no network')
  }
  const instead = (messages: MessageQueue): MessageQueue => ({
    send: (message, options) => (call === 'send' && left > 0 ? fail() : messages.send(message, options)),
    delete: (receipt, options) => (call === 'delete' && left > 0 ? fail() : messages.delete(receipt, options)),
    extend: (receipt, seconds, options) => messages.extend(receipt, seconds, options),
    receive: (options) => messages.receive(options),
  })
  return {
    open(place) {
      const opened = backend.open(place)
      return {
        objects: opened.objects,
        queue: (name) => (name === full(place) ? instead(opened.queue(name)) : opened.queue(name)),
        addQueue: (name) => opened.addQueue(name),
        removeQueue: (name) => opened.removeQueue(name),
        ready: () => opened.ready(),
        close: () => opened.close(),
      }
    },
  }
}

describe('a call that fails on the way', () => {
  const { setup } = useStage(onLocal)

  async function withFailing(call: Failing, status: string) {
    const scene: Scene<Record<string, unknown>, Record<string, unknown>> = await setup()
    const full = (place: Place) => (status === 'dead' ? place.deadLetterQueue : place.queues.get(status))
    return { ...scene, broken: scene.another({ backend: failing(scene.backend, call, full) }) }
  }

  async function later<Value>(seconds: number, act: () => Promise<Value>): Promise<Value> {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1000 })
    try {
      return await act()
    } finally {
      vi.useRealTimers()
    }
  }

  test('submit, when the message cannot be sent, rejects; asked for again with its id, the job comes', async () => {
    const { broken } = await withFailing('send', 'pending')
    const request = { n: 1, body: 'x' }
    await expect(broken.submit(request, { id: 'mine' })).rejects.toThrow('no network')
    expect(await broken.next('pending', { waitSeconds: 0 })).toBeUndefined()
    await broken.submit(request, { id: 'mine' })
    const job = await nextOf(broken)
    expect([job.id, job.attempt, await job.text()]).toEqual(['mine', 1, 'x'])
  })

  test('complete, when the end cannot be announced, rejects; done again it ends what it began', async () => {
    const { broken, queue, keys } = await withFailing('send', 'completed')
    const handle = await broken.submit({ n: 1 })
    const job = await nextOf(broken)
    const large = Buffer.alloc(100_000)
    await expect(job.complete({ value: 1, assets: { output: large } })).rejects.toThrow('no network')
    expect(await handle.status()).toBe('completed')
    await job.complete({ value: 2, assets: { output: large } })
    expect((await handle.result()).value).toBe(1)
    expect(await keys('assets/')).toHaveLength(1)
    expect((await nextOf(queue, 'completed')).id).toBe(handle.id)
    expect(await later(31, () => queue.next('pending', { waitSeconds: 0 }))).toBeUndefined()
  })

  test('complete, when the message cannot be deleted and nobody tries again: told twice at most, done once', async () => {
    const { broken, queue } = await withFailing('delete', 'pending')
    const handle = await broken.submit({ n: 1 })
    await expect((await nextOf(broken)).complete({ value: 1 })).rejects.toThrow('no network')
    await later(31, async () => {
      expect(await queue.next('pending', { waitSeconds: 0 })).toBeUndefined()
      const told = [await nextOf(queue, 'completed'), await nextOf(queue, 'completed')]
      expect(told.map(({ id }) => id)).toEqual([handle.id, handle.id])
    })
    expect(await later(99, () => queue.next('pending', { waitSeconds: 0 }))).toBeUndefined()
  })

  test('acknowledge, when the message cannot be deleted: it comes back and is taken off, not run', async () => {
    const { broken, queue } = await withFailing('delete', 'pending')
    const handle = await broken.submit({ n: 1 })
    const job = await nextOf(broken)
    await expect(job.acknowledge()).rejects.toThrow('no network')
    expect(await later(31, () => queue.next('pending', { waitSeconds: 0 }))).toBeUndefined()
    expect(await later(90, () => queue.next('pending', { waitSeconds: 0 }))).toBeUndefined()
    expect(await handle.status()).toBe('pending')
    await job.complete({ value: 1 })
    expect((await handle.result()).value).toBe(1)
  })

  test('poison that cannot be set aside rests a minute, other jobs are served, and then it is', async () => {
    const { broken, send, deadLetters } = await withFailing('send', 'dead')
    await send('poison')
    const { id } = await broken.submit({ n: 1 })
    expect((await nextOf(broken)).id).toBe(id)
    expect(await broken.next('pending', { waitSeconds: 0 })).toBeUndefined()
    expect(await deadLetters()).toEqual([])
    await later(61, async () => {
      await (await nextOf(broken)).complete()
      expect(await broken.next('pending', { waitSeconds: 0 })).toBeUndefined()
      expect((await deadLetters()).map(({ body }) => body)).toEqual(['poison'])
    })
  })
})
