import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import type { Backend } from '../../src/backend.ts'
import { hasCode } from '../../src/errors.ts'
import { bodyOf, bytes, chunked, failing, hash, textOf } from './bodies.ts'
import type { ContractLimits, Open } from './contract.ts'

/** What every object store keeps. */
export function objectContract(open: Open, restart: () => Backend, limits: ContractLimits): void {
  const nested = (key: string): string[] => (limits.nestedKeys === false ? [] : [key])

  describe('an object', () => {
    test('comes back byte for byte with what was said of it', async () => {
      const { objects } = await open()
      const written = await objects.put('a/b.bin', bytes(1000), { contentType: 'image/png', note: '%7B%22a%22:1%7D' })
      expect(written.size).toBe(1000)
      const reading = await objects.get('a/b.bin')
      expect(reading).toMatchObject({
        key: 'a/b.bin',
        size: 1000,
        etag: written.etag,
        contentType: 'image/png',
        note: '%7B%22a%22:1%7D',
      })
      expect(await bodyOf(reading)).toEqual(bytes(1000))
      const info = await objects.head('a/b.bin')
      expect(info).toMatchObject({
        key: 'a/b.bin',
        size: 1000,
        etag: written.etag,
        contentType: 'image/png',
        note: '%7B%22a%22:1%7D',
      })
      expect(info).not.toHaveProperty('body')
    })

    test("carries the store's clock, so that its age can be told", async () => {
      const { objects } = await open()
      await objects.put('key', bytes(1))
      const info = await objects.head('key')
      const age = (info?.answeredAt.getTime() ?? NaN) - (info?.lastModified.getTime() ?? NaN)
      expect(age).toBeGreaterThanOrEqual(-1000)
      expect(age).toBeLessThan(60_000)
    })

    test('that is missing is undefined, and deleting it is no error', async () => {
      const { objects } = await open()
      expect(await objects.get('none')).toBeUndefined()
      expect(await objects.get('none', { etag: 'any' })).toBeUndefined()
      expect(await objects.head('none')).toBeUndefined()
      await objects.delete('none')
    })

    test('is gone once deleted', async () => {
      const { objects } = await open()
      await objects.put('key', bytes(10))
      await objects.delete('key')
      expect(await objects.head('key')).toBeUndefined()
      expect((await objects.list('')).objects).toEqual([])
    })

    test('is replaced by a later put', async () => {
      const { objects } = await open()
      const first = await objects.put('key', bytes(10), { note: 'first' })
      const second = await objects.put('key', bytes(20, 7))
      expect(second.etag).not.toBe(first.etag)
      const reading = await objects.get('key')
      expect(reading?.note).toBeUndefined()
      expect(await bodyOf(reading)).toEqual(bytes(20, 7))
    })

    test.each(['empty', 'small', 'large'])('of unknown length streams: %s', async (kind) => {
      const size = { empty: 0, small: 3000, large: 13 * 1024 * 1024 + 17 }[kind] ?? 0
      const { objects } = await open()
      const written = await objects.put('key', chunked(bytes(size)))
      expect(written.size).toBe(size)
      expect(await objects.head('key')).toMatchObject({ size, etag: written.etag })
      expect(hash(await bodyOf(await objects.get('key')))).toBe(hash(bytes(size)))
    })

    test('of known length streams', async () => {
      const { objects } = await open()
      expect(await objects.put('key', chunked(bytes(200_000)), { size: 200_000 })).toMatchObject({ size: 200_000 })
      expect(hash(await bodyOf(await objects.get('key')))).toBe(hash(bytes(200_000)))
    })

    test.skipIf(limits.checkedSize === false).each([99_999, 100_001])(
      'of another length than was said is refused: %i',
      async (size) => {
        const { objects } = await open()
        await expect(objects.put('key', chunked(bytes(100_000)), { size })).rejects.toThrow()
        expect(await objects.head('key')).toBeUndefined()
      },
    )

    test.each(['a+b c%20d/é', '😀', 'quote\'"', 'ümlaut/日本語.txt', '%', '_', 'a&b=c?d#e', '~!*()'])(
      'may be called %s',
      async (key) => {
        const { objects } = await open()
        await objects.put(key, Buffer.from(key))
        const reading = await objects.get(key)
        expect(await bodyOf(reading)).toEqual(Buffer.from(key))
        expect((await objects.list('')).objects.map((object) => object.key)).toEqual([key])
        await objects.delete(key)
        expect(await objects.head(key)).toBeUndefined()
      },
    )

    test("is seen by another process, and not in another place's bucket", async () => {
      const here = await open()
      await here.objects.put('key', bytes(100_000))
      const there = await open(here.place, restart())
      expect(hash(await bodyOf(await there.objects.get('key')))).toBe(hash(bytes(100_000)))
      const elsewhere = await open()
      expect(await elsewhere.objects.head('key')).toBeUndefined()
    })
  })

  describe('a put', () => {
    test.each([
      ['small', 10],
      ['large', 300_000],
    ])('shows nothing before its last byte is stored: %s', async (_, size) => {
      const { objects } = await open()
      const body = new PassThrough()
      const done = objects.put('key', body)
      body.write(bytes(size))
      expect(await objects.head('key')).toBeUndefined()
      expect((await objects.list('')).objects).toEqual([])
      body.end(bytes(size))
      await done
      expect(await objects.head('key')).toMatchObject({ size: 2 * size })
    })

    test.each([
      ['small', 1],
      ['large', 100],
    ])('of a body that fails half-way rejects and leaves nothing: %s', async (_, chunks) => {
      const { objects } = await open()
      const failure = new Error('half-way')
      await expect(objects.put('key', failing(chunks, failure))).rejects.toSatisfy(
        (error) => error === failure || (error instanceof Error && error.cause === failure),
      )
      expect(await objects.head('key')).toBeUndefined()
      expect((await objects.list('')).objects).toEqual([])
    })

    test('that fails leaves what was there before', async () => {
      const { objects } = await open()
      await objects.put('key', bytes(5))
      await expect(objects.put('key', failing(20, new Error('half-way')))).rejects.toThrow()
      expect(await bodyOf(await objects.get('key'))).toEqual(bytes(5))
    })

    test('rejects with the reason of its signal, leaves nothing and destroys the body', async () => {
      const { objects } = await open()
      const stop = new AbortController()
      const body = new PassThrough()
      body.on('error', () => {})
      body.write(bytes(100_000))
      const done = objects.put('key', body, { signal: stop.signal })
      const reason = new Error('enough')
      stop.abort(reason)
      await expect(done).rejects.toBe(reason)
      expect(body.destroyed).toBe(true)
      expect(await objects.head('key')).toBeUndefined()
    })

    test('of a body that was destroyed before rejects', async () => {
      const { objects } = await open()
      const body = new PassThrough()
      body.destroy()
      await expect(objects.put('key', body)).rejects.toThrow()
      expect(await objects.head('key')).toBeUndefined()
    })

    test('with a signal that was aborted before does nothing', async () => {
      const { objects } = await open()
      const reason = new Error('before')
      const signal = AbortSignal.abort(reason)
      await expect(objects.put('key', bytes(1), { signal })).rejects.toBe(reason)
      await expect(objects.putIfAbsent('key', bytes(1), { signal })).rejects.toBe(reason)
      await expect(objects.get('key', { signal })).rejects.toBe(reason)
      await expect(objects.head('key', { signal })).rejects.toBe(reason)
      await expect(objects.delete('key', { signal })).rejects.toBe(reason)
      await expect(objects.list('', { signal })).rejects.toBe(reason)
      expect(await objects.head('key')).toBeUndefined()
    })
  })

  describe.skipIf(limits.conditionalPut === false)('a put if absent', () => {
    test.each([
      ['small', 10],
      ['large', 100_000],
    ])('keeps the first: %s', async (_, size) => {
      const { objects } = await open()
      expect(await objects.putIfAbsent('key', bytes(size), { note: 'first' })).toMatchObject({ size })
      expect(await objects.putIfAbsent('key', bytes(size, 9))).toBeUndefined()
      const reading = await objects.get('key')
      expect(reading?.note).toBe('first')
      expect(await bodyOf(reading)).toEqual(bytes(size))
    })

    test('finds a key taken that was put, and free that was deleted', async () => {
      const { objects } = await open()
      await objects.put('key', bytes(3))
      expect(await objects.putIfAbsent('key', bytes(4))).toBeUndefined()
      await objects.delete('key')
      expect(await objects.putIfAbsent('key', bytes(4))).toMatchObject({ size: 4 })
    })

    test('has one winner however many try, in however many processes', async () => {
      const here = await open()
      const there = await open(here.place, restart())
      for (let round = 0; round < 5; round += 1) {
        const tries = Array.from({ length: 20 }, (_, index) => {
          const { objects } = index % 2 === 0 ? here : there
          return objects.putIfAbsent(`key-${round}`, Buffer.from(`${index}`))
        })
        const won = (await Promise.all(tries)).flatMap((written, index) => (written ? [`${index}`] : []))
        expect(won).toHaveLength(1)
        expect([await textOf(here.objects, `key-${round}`)]).toEqual(won)
      }
    })
  })

  describe('a get', () => {
    test.each([
      ['small', 10],
      ['large', 200_000],
    ])('reads from a byte on: %s', async (_, size) => {
      const { objects } = await open()
      await objects.put('key', bytes(size))
      const reading = await objects.get('key', { from: 7 })
      expect(reading?.size).toBe(size)
      expect(hash(await bodyOf(reading))).toBe(hash(bytes(size).subarray(7)))
    })

    test.each([
      ['small', 10],
      ['large', 200_000],
    ])('reads from a byte to another: %s', async (_, size) => {
      const { objects } = await open()
      const { etag } = await objects.put('key', bytes(size))
      const last = size - 1
      for (const [from, to] of [
        [0, 0],
        [2, 7],
        [7, last],
        [7, size],
        [last, size + 5],
        [0, 2 * size],
      ] as const) {
        const reading = await objects.get('key', { from, to, etag })
        expect(reading).toMatchObject({ size, etag })
        expect(hash(await bodyOf(reading))).toBe(hash(bytes(size).subarray(from, to + 1)))
      }
      expect(await bodyOf(await objects.get('key', { to: 2 }))).toEqual(bytes(3))
    })

    test.each([
      ['small', 10],
      ['large', 200_000],
    ])('of a range in which there is nothing has no bytes, and tells of the object: %s', async (_, size) => {
      const { objects } = await open()
      await objects.put('key', bytes(size))
      await objects.put('empty', bytes(0))
      for (const range of [
        { from: size, to: size + 9 },
        { from: 5, to: 4 },
      ]) {
        const reading = await objects.get('key', range)
        expect(reading?.size).toBe(size)
        expect(await bodyOf(reading)).toEqual(bytes(0))
      }
      expect(await bodyOf(await objects.get('empty', { from: 0, to: 9 }))).toEqual(bytes(0))
      expect(await objects.get('none', { from: 5, to: 4 })).toBeUndefined()
    })

    test.skipIf(limits.conditionalGet === false)('of another version is INPUT_CHANGED', async () => {
      const { objects } = await open()
      const { etag } = await objects.put('key', bytes(100))
      expect(await bodyOf(await objects.get('key', { etag, from: 90 }))).toEqual(bytes(100).subarray(90))
      await objects.put('key', bytes(100, 5))
      await expect(objects.get('key', { etag })).rejects.toSatisfy((error) => hasCode(error, 'INPUT_CHANGED'))
    })

    test('goes on with the version it began when that is replaced or deleted', async () => {
      const { objects } = await open()
      await objects.put('key', bytes(100_000))
      const readings = [await objects.get('key'), await objects.get('key')]
      await objects.put('key', bytes(100_000, 5))
      expect(hash(await bodyOf(readings[0]))).toBe(hash(bytes(100_000)))
      await objects.delete('key')
      expect(hash(await bodyOf(readings[1]))).toBe(hash(bytes(100_000)))
    })

    test('whose body is destroyed unread holds nothing up', async () => {
      const { objects } = await open()
      await objects.put('key', bytes(2_000_000))
      for (let round = 0; round < 60; round += 1) (await objects.get('key'))?.body.destroy()
      expect(await objects.head('key')).toMatchObject({ size: 2_000_000 })
    })
  })

  describe('a list', () => {
    test('gives the keys of a prefix in pages', async () => {
      const { objects } = await open()
      const keys = ['a/1', 'a/2', 'a/3', 'b/1', 'a0', ...nested('a')]
      for (const key of keys) await objects.put(key, Buffer.from(key))
      const first = await objects.list('a/', { limit: 2 })
      expect(first).toMatchObject({
        more: true,
        objects: [
          { key: 'a/1', size: 3 },
          { key: 'a/2', size: 3 },
        ],
      })
      const second = await objects.list('a/', { limit: 2, after: 'a/2' })
      expect(second).toMatchObject({ more: false, objects: [{ key: 'a/3' }] })
      expect(second.objects).toHaveLength(1)
      expect(second.objects[0]?.lastModified).toBeInstanceOf(Date)
      expect(await objects.list('c')).toEqual({ more: false, objects: [], answeredAt: expect.any(Date) })
      expect((await objects.list('a/', { after: 'a/3' })).objects).toEqual([])
    })

    test('takes every character of a prefix for itself', async () => {
      const { objects } = await open()
      for (const key of ['a%b', 'a_b', 'axb', 'a*b', 'A%b', '[a]']) await objects.put(key, bytes(1))
      for (const prefix of ['a%', 'a_', 'a*', 'A', '[a']) {
        expect((await objects.list(prefix)).objects.map(({ key }) => key.startsWith(prefix))).toEqual([true])
      }
    })

    test.skipIf(limits.byteOrder === false)('is in the order of the bytes', async () => {
      const { objects } = await open()
      const keys = ['Z', 'a', 'b', 'é', '\uffee', '😀', ...nested('a/'), 'a-', 'aa', 'B']
      for (const key of keys) await objects.put(key, bytes(1))
      const sorted = keys.toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
      expect((await objects.list('')).objects.map(({ key }) => key)).toEqual(sorted)
      expect((await objects.list('', { after: 'é' })).objects.map(({ key }) => key)).toEqual(['\uffee', '😀'])
    })
  })
}
