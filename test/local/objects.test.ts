import { createReadStream } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { hasCode } from '../../src/errors.ts'
import { bindPlace, freshDirectory, openPlace } from './setup.ts'

const large = Buffer.alloc(300_000, 'large')

test('equal contents have equal etags, small and large, from bytes and from streams', async () => {
  const { objects } = await openPlace(await freshDirectory())
  for (const body of [Buffer.from('small'), large]) {
    const etags = [
      (await objects.put('a', body)).etag,
      (await objects.put('b', Readable.from([body.subarray(0, 3), body.subarray(3)]))).etag,
      (await objects.putIfAbsent(`c/${body.length}`, body))?.etag,
    ]
    expect(new Set(etags).size).toBe(1)
    expect(etags[0]).toMatch(/^[0-9a-f]{32}$/)
  }
})

test('whatever is replaced, deleted, lost or given up leaves no file behind', async () => {
  const directory = await freshDirectory()
  const { objects } = await openPlace(directory)
  await objects.put('replaced', large)
  await objects.put('replaced', Buffer.from('small'))
  await objects.put('deleted', large)
  await objects.delete('deleted')
  await Promise.all([1, 2, 3].map(() => objects.putIfAbsent('raced', large)))
  await expect(objects.put('failed', failing())).rejects.toThrow('half-way')
  await expect(objects.put('short', Readable.from([large]), { size: 7 })).rejects.toThrow('7 bytes')
  await expect.poll(() => readdir(join(directory, 'files'))).toHaveLength(1)
  await expect.poll(() => readdir(join(directory, 'tmp'))).toEqual([])
})

test('an aborted put has left nothing when it rejects', async () => {
  const directory = await freshDirectory()
  const { objects } = await openPlace(directory)
  const stop = new AbortController()
  const body = new PassThrough()
  const writing = objects.put('key', body, { signal: stop.signal })
  body.write(large)
  await expect.poll(() => readdir(join(directory, 'tmp'))).toHaveLength(1)
  stop.abort('a text')
  await expect(writing).rejects.toBe('a text')
  expect(await readdir(join(directory, 'tmp'))).toEqual([])
  expect(body.destroyed).toBe(true)
})

test('a stream that fails before the store is open rejects its put, and ends no process', async () => {
  const { objects } = bindPlace(await freshDirectory())
  const missing = objects.put('key', createReadStream('/does/not/exist'))
  await expect(missing).rejects.toMatchObject({ code: 'ENOENT', path: '/does/not/exist' })
})

test('a stream of something else than bytes is INVALID_ARGUMENT, and one of texts is its UTF-8', async () => {
  const { objects } = await openPlace(await freshDirectory())
  await expect(objects.put('key', Readable.from([{}]))).rejects.toSatisfy((error) => hasCode(error, 'INVALID_ARGUMENT'))
  await objects.put('key', Readable.from(['é', 'a']))
  expect(await objects.head('key')).toMatchObject({ size: 3 })
})

test('a stream is read no faster than the disk takes it', async () => {
  const { objects } = await openPlace(await freshDirectory())
  let ahead = 0
  const body = new Readable({
    highWaterMark: 65_536,
    read() {
      ahead += 1
      this.push(ahead > 400 ? null : Buffer.alloc(65_536))
    },
  })
  const writing = objects.put('key', body)
  expect(ahead).toBeLessThan(10)
  expect(await writing).toMatchObject({ size: 400 * 65_536 })
})

test('a reading ends with the reason of its signal', async () => {
  const { objects } = await openPlace(await freshDirectory())
  await objects.put('key', large)
  const stop = new AbortController()
  const reading = await objects.get('key', { signal: stop.signal })
  const reason = new Error('enough')
  stop.abort(reason)
  await expect(buffer(reading?.body ?? Readable.from([]))).rejects.toBe(reason)
})

test('readers find one whole version or another while it is replaced and deleted', async () => {
  const { objects } = await openPlace(await freshDirectory(), {}, false)
  const bodies = [Buffer.alloc(100_000, 1), Buffer.alloc(200_000, 2), Buffer.alloc(10, 3)]
  let isWriting = true
  const write = async (): Promise<void> => {
    for (let round = 0; round < 100; round += 1) {
      await objects.put('key', bodies[round % 3] ?? large)
      if (round % 7 === 0) await objects.delete('key')
    }
    isWriting = false
  }
  const read = async (): Promise<void> => {
    while (isWriting) {
      const reading = await objects.get('key')
      if (!reading) continue
      const whole = await buffer(reading.body)
      expect(bodies.some((body) => body.equals(whole))).toBe(true)
    }
  }
  await Promise.all([write(), read(), read()])
})

test('a loop of nothing but reads keeps nobody from their turn', async () => {
  const { objects } = await openPlace(await freshDirectory())
  const writing = objects.put('key', Buffer.from('1'))
  while (!(await objects.head('key')));
  await writing
})

test('a file that somebody removed is UNAVAILABLE, not an endless search', async () => {
  const directory = await freshDirectory()
  const { objects } = await openPlace(directory)
  await objects.put('key', large)
  await rm(join(directory, 'files'), { recursive: true })
  await expect(objects.get('key')).rejects.toThrow(/file .* of object "key" is missing/)
})

function failing(): Readable {
  const body = function* (): Generator<Buffer> {
    yield large
    throw new Error('half-way')
  }
  return Readable.from(body())
}
