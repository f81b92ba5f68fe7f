import { Readable, Writable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { describe, expect, test } from 'vitest'
import type { GetOptions, ObjectReading, ObjectStore } from '../../src/backend.ts'
import { RemoteJobError } from '../../src/errors.ts'
import { download } from '../../src/lifecycle/download.ts'

const bytes = Buffer.from('All is well that comes whole')

describe('a download', () => {
  test('that breaks off goes on where it stopped, with the same version', async () => {
    const asked: GetOptions[] = []
    const store = storeOf((options) => {
      asked.push(options)
      return breaking(bytes.subarray(options.from ?? 0), asked.length < 3 ? 5 : Infinity)
    })
    expect(await buffer(download(store, { key: 'key' }))).toEqual(bytes)
    expect(asked).toMatchObject([{}, { from: 5, etag: '"1"' }, { from: 10, etag: '"1"' }])
  })

  test('whose body ends too early asks for the rest', async () => {
    const store = storeOf(({ from = 0 }) => Readable.from([bytes.subarray(from, from + 10)]))
    expect(await buffer(download(store, { key: 'key' }))).toEqual(bytes)
  })

  test('that breaks off again and again without a byte gives up, and says why', async () => {
    let asked = 0
    const store = storeOf(() => {
      asked += 1
      return breaking(bytes, 0)
    })
    const error = expect.objectContaining({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/after 0 bytes, 6 times.*cut/),
    })
    await expect(buffer(download(store, { key: 'key' }))).rejects.toEqual(error)
    expect(asked).toBe(6)
  })

  test('of nothing says so, and what the store says arrives as it is', async () => {
    await expect(
      buffer(
        download(
          storeOf(() => undefined),
          { key: 'key' },
        ),
      ),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const changed = new RemoteJobError('INPUT_CHANGED', 'Another version')
    const store = storeOf(() => {
      throw changed
    })
    await expect(buffer(download(store, { key: 'key', etag: '"0"' }))).rejects.toBe(changed)
  })

  test('is read no faster than its reader reads', async () => {
    let made = 0
    const body = new Readable({
      read() {
        made += 64 * 1024
        process.nextTick(() => this.push(made < 100 * 1024 * 1024 ? Buffer.alloc(64 * 1024) : null))
      },
    })
    let read = 0
    let most = 0
    const slow = new Writable({
      write(chunk: Buffer, _encoding, done) {
        read += chunk.byteLength
        most = Math.max(most, made - read)
        if (read > 4 * 1024 * 1024) done(new Error('enough'))
        else setImmediate(done)
      },
    })
    await expect(
      pipeline(
        download(
          storeOf(() => body, Infinity),
          { key: 'key' },
        ),
        slow,
      ),
    ).rejects.toThrow('enough')
    expect(most).toBeLessThan(1024 * 1024)
    expect(body.destroyed).toBe(true)
  })

  test('that nobody wants any more lets go of its body, also of one that comes later', async () => {
    const body = Readable.from([bytes])
    const opened = Promise.withResolvers<Readable>()
    const asked = Promise.withResolvers<void>()
    const store = storeOf(() => {
      asked.resolve()
      return opened.promise
    })
    const stream = download(store, { key: 'key' }).resume()
    await asked.promise
    stream.destroy()
    opened.resolve(body)
    await new Promise((resolve) => body.once('close', resolve))
    expect(body.readableDidRead).toBe(false)
  })

  test('ends with the reason of its signal', async () => {
    const stop = new AbortController()
    const stream = download(
      storeOf(() => new Readable({ read() {} })),
      { key: 'key' },
      { signal: stop.signal },
    )
    const reading = buffer(stream)
    const reason = new Error('enough')
    stop.abort(reason)
    await expect(reading).rejects.toBe(reason)
  })
})

type Given = Readable | undefined

/** A store of one object, whose body is made anew for every time it is asked for. */
function storeOf(
  body: (options: GetOptions) => Given | Promise<Given>,
  size = bytes.byteLength,
): () => Promise<ObjectStore> {
  const get = async (key: string, options: GetOptions = {}): Promise<ObjectReading | undefined> => {
    const given = await body(options)
    const dates = { lastModified: new Date(0), answeredAt: new Date(0) }
    return (
      given && {
        key,
        etag: '"1"',
        size,
        contentType: undefined,
        note: undefined,
        userMetadata: {},
        ...dates,
        body: given,
      }
    )
  }
  const never = (): never => {
    throw new Error('A download only gets')
  }
  return async () => ({ get, put: never, putIfAbsent: never, head: never, delete: never, list: never })
}

/** A body whose connection is cut after some bytes. */
function breaking(content: Uint8Array, after: number): Readable {
  return Readable.from(
    (async function* () {
      if (after > 0) yield content.subarray(0, after)
      if (after < content.byteLength) throw new Error('cut')
    })(),
  )
}
