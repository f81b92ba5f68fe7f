import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, expect, test } from 'vitest'
import type { ObjectStore } from '../../src/backend.ts'
import { download } from '../../src/lifecycle/download.ts'

const chunk = Buffer.alloc(64 * 1024)

describe('a download', () => {
  test('is no further ahead of its reader than a few chunks', async () => {
    let made = 0
    const body = new Readable({
      read() {
        made += 1
        process.nextTick(() => this.push(chunk))
      },
    })
    let read = 0
    let most = 0
    const slow = new Writable({
      write(_chunk, _encoding, done) {
        read += 1
        most = Math.max(most, made - read)
        setImmediate(done, read === 100 ? new Error('enough') : null)
      },
    })
    await expect(pipeline(download(storeOf(body), { key: 'key' }), slow)).rejects.toThrow('enough')
    expect(most).toBeLessThan(10)
    expect(body.destroyed).toBe(true)
  })

  test('that nobody wants any more lets go of a body that comes later', async () => {
    const body = Readable.from([chunk])
    const asked = Promise.withResolvers<void>()
    const opened = Promise.withResolvers<Readable>()
    const store = storeOf(opened.promise, asked.resolve)
    const stream = download(store, { key: 'key' }).resume()
    await asked.promise
    stream.destroy()
    opened.resolve(body)
    await new Promise((resolve) => body.once('close', resolve))
    expect(body.readableDidRead).toBe(false)
  })
})

/** A store of one endless object. */
function storeOf(body: Readable | Promise<Readable>, onGet: () => void = () => {}): () => Promise<ObjectStore> {
  const described = { etag: '"1"', size: Infinity, contentType: undefined, note: undefined, userMetadata: {} }
  const never = (): never => {
    throw new Error('A download only gets')
  }
  return async () => ({
    async get(key) {
      onGet()
      return { key, ...described, lastModified: new Date(0), answeredAt: new Date(0), body: await body }
    },
    put: never,
    putIfAbsent: never,
    head: never,
    delete: never,
    list: never,
  })
}
