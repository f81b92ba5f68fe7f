import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { GetOptions, ObjectReading, ObjectStore } from '../../src/backend.ts'
import { RemoteJobError } from '../../src/errors.ts'
import { download } from '../../src/lifecycle/download.ts'

const bytes = Buffer.from(Array.from({ length: 5000 }, (_, at) => at % 251))

/** A store of one object, whose n-th download breaks after so many bytes. */
class BreakingStore {
  readonly gets: (GetOptions | undefined)[] = []
  readonly #breaks: (number | Error)[]

  constructor(...breaks: (number | Error)[]) {
    this.#breaks = breaks
  }

  async get(key: string, options?: GetOptions): Promise<ObjectReading | undefined> {
    this.gets.push(options)
    if (key !== 'there') return undefined
    const breaks = this.#breaks[this.gets.length - 1]
    if (breaks instanceof Error) throw breaks
    const rest = bytes.subarray(options?.from ?? 0)
    return {
      ...info,
      body: Readable.from(piecesOf(breaks === undefined ? rest : rest.subarray(0, breaks), breaks !== undefined)),
    }
  }

  get store(): () => Promise<ObjectStore> {
    return () => Promise.resolve(this as unknown as ObjectStore)
  }
}

const info = {
  key: 'there',
  etag: '"1"',
  size: bytes.byteLength,
  contentType: undefined,
  note: undefined,
  userMetadata: {},
  lastModified: new Date(),
  answeredAt: new Date(),
}

async function* piecesOf(part: Buffer, broken: boolean): AsyncGenerator<Buffer> {
  for (let at = 0; at < part.byteLength; at += 700) yield part.subarray(at, at + 700)
  if (broken) throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
}

describe('a download', () => {
  test('that breaks goes on where it stopped, with the same version of the object', async () => {
    const store = new BreakingStore(1400, 100, 0)
    expect((await buffer(download(store.store, { key: 'there' }))).equals(bytes)).toBe(true)
    expect(store.gets.map((options) => [options?.from, options?.etag])).toEqual([
      [undefined, undefined],
      [1400, '"1"'],
      [1500, '"1"'],
      [1500, '"1"'],
    ])
  })

  test('that breaks anywhere loses and doubles no byte', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 3000 }), { maxLength: 3 }), async (breaks) => {
        expect((await buffer(download(new BreakingStore(...breaks).store, { key: 'there' }))).equals(bytes)).toBe(true)
      }),
      { numRuns: 15 },
    )
  })

  test('that ends too early is a break as well', async () => {
    let first = true
    const store = new BreakingStore()
    const short: Partial<ObjectStore> = {
      async get(key, options) {
        const reading = await store.get(key, options)
        if (!first || !reading) return reading
        first = false
        return { ...reading, body: Readable.from([bytes.subarray(0, 10)]) }
      },
    }
    expect((await buffer(download(() => Promise.resolve(short as ObjectStore), { key: 'there' }))).equals(bytes)).toBe(
      true,
    )
  })

  test('of what is not there is NOT_FOUND, of another version what the store says; neither is asked for again', async () => {
    const absent = new BreakingStore()
    await expect(buffer(download(absent.store, { key: 'gone' }))).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const changed = new BreakingStore(100, new RemoteJobError('INPUT_CHANGED', 'written over'))
    await expect(buffer(download(changed.store, { key: 'there', etag: '"1"' }))).rejects.toMatchObject({
      code: 'INPUT_CHANGED',
    })
    expect([absent.gets.length, changed.gets.length]).toEqual([1, 2])
  })

  test('starts with nobody’s help and only when it is read', async () => {
    const store = new BreakingStore()
    const stream = download(store.store, { key: 'there' })
    expect(store.gets).toEqual([])
    expect(await buffer(stream)).toHaveLength(bytes.byteLength)
  })

  test('ends with the reason of its signal, before and on the way', async () => {
    const reason = new Error('enough')
    await expect(
      buffer(download(new BreakingStore().store, { key: 'there' }, { signal: AbortSignal.abort(reason) })),
    ).rejects.toBe(reason)
    const stop = new AbortController()
    const stream = download(new BreakingStore().store, { key: 'there' }, { signal: stop.signal })
    const reading = (async () => {
      for await (const _chunk of stream) stop.abort(reason)
    })()
    await expect(reading).rejects.toBe(reason)
  })

  test('that is destroyed while it waits for a server that never answers ends at once', async () => {
    const hanging: Partial<ObjectStore> = {
      get: (_key, options) =>
        new Promise((_resolve, reject) =>
          options?.signal?.addEventListener('abort', () => reject(new Error('aborted'))),
        ),
    }
    const stream = download(() => Promise.resolve(hanging as ObjectStore), { key: 'there' })
    const reading = buffer(stream)
    setImmediate(() => stream.destroy(new Error('enough')))
    await expect(reading).rejects.toThrow('enough')
  })
})
