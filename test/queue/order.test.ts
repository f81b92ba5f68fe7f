import { describe, expect, test } from 'vitest'
import type { Backend, MessageQueue, ObjectStore } from '../../src/backend.ts'
import { nextOf, onLocal, useStage } from './setup.ts'

/** The same backend, writing down what is changed, in the order in which it is done. */
function recording(backend: Backend, log: string[]): Backend {
  const after = async <Value>(entry: string, call: Promise<Value>): Promise<Value> => {
    const value = await call
    log.push(entry)
    return value
  }
  const objects = (store: ObjectStore): ObjectStore => ({
    put: (key, body, options) => after(`put ${key}`, store.put(key, body, options)),
    putIfAbsent: (key, body, options) => after(`put if absent ${key}`, store.putIfAbsent(key, body, options)),
    delete: (key, options) => after(`delete ${key}`, store.delete(key, options)),
    get: (key, options) => store.get(key, options),
    head: (key, options) => store.head(key, options),
    list: (prefix, options) => store.list(prefix, options),
  })
  const queue = (name: string, messages: MessageQueue): MessageQueue => ({
    send: (message, options) => after(`send to ${name}`, messages.send(message, options)),
    delete: (receipt, options) => after(`delete from ${name}`, messages.delete(receipt, options)),
    extend: (receipt, seconds, options) => after(`extend on ${name}`, messages.extend(receipt, seconds, options)),
    receive: (options) => messages.receive(options),
  })
  return {
    open(place) {
      const opened = backend.open(place)
      const statusOf = (name: string): string => [...place.queues].find(([, full]) => full === name)?.[0] ?? name
      return {
        objects: objects(opened.objects),
        queue: (name) => queue(statusOf(name), opened.queue(name)),
        addQueue: (name) => opened.addQueue(name),
        removeQueue: (name) => opened.removeQueue(name),
        ready: () => opened.ready(),
        close: () => opened.close(),
      }
    },
  }
}

describe('the order in which things are written', () => {
  const { setup } = useStage(onLocal)

  async function recorded() {
    const { backend, another, ...scene } = await setup()
    const log: string[] = []
    return { ...scene, log, queue: another({ backend: recording(backend, log) }) }
  }

  test('the input, then the message', async () => {
    const { queue, log } = await recorded()
    const { id } = await queue.submit({ n: 1, body: 'x' })
    expect(log).toEqual([`put inputs/${id}`, 'send to pending'])
  })

  test('the assets, the result, the announcement, and the message goes last', async () => {
    const { queue, log } = await recorded()
    const { id } = await queue.submit({ n: 1 })
    const job = await nextOf(queue)
    log.length = 0
    await job.complete({ output: Buffer.alloc(100_000) })
    expect(log).toEqual([
      expect.stringMatching(`^put assets/${id}/1-[0-9a-f]+/output$`),
      `put if absent results/${id}.json`,
      'send to completed',
      'delete from pending',
    ])
    log.length = 0
    await job.complete({ output: Buffer.alloc(100_000) })
    expect(log).toEqual([])
  })

  test('of a job that is cancelled while it waits: the word of it, then its message', async () => {
    const { queue, log } = await recorded()
    const handle = await queue.submit({ n: 1 })
    log.length = 0
    await handle.cancel()
    expect(log).toEqual([`put if absent results/${handle.id}.json`])
    log.length = 0
    await queue.next('pending', { waitSeconds: 0 })
    expect(log).toEqual(['send to failed', 'delete from pending'])
  })

  test('poison is copied before it is deleted', async () => {
    const { queue, send, log, name } = await recorded()
    await send('null')
    await queue.next('pending', { waitSeconds: 0 })
    expect(log).toEqual([`send to ${name}-dead`, 'delete from pending'])
  })

  test('one that works at most once says so before the message goes', async () => {
    const { queue, log } = await recorded()
    const { id } = await queue.submit({ n: 1 })
    const job = await nextOf(queue)
    log.length = 0
    await job.acknowledge()
    expect(log).toEqual([
      `put if absent claims/${id}`,
      expect.stringMatching(`^put history/${id}/000001-claimed-`),
      'delete from pending',
    ])
    log.length = 0
    await job.complete()
    expect(log).toEqual([`put if absent results/${id}.json`, 'send to completed'])
  })
})
