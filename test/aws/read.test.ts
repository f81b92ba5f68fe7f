import { PassThrough, type Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ObjectBody } from '../../src/aws/body.ts'
import { setupReady } from './setup.ts'

describe('a reading', () => {
  test('goes on from a byte, of the version it began with', async () => {
    const { emulator, objects } = await setupReady()
    const { etag } = await objects.put('key', Buffer.from('0123456789'))
    const reading = await objects.get('key', { from: 4, etag })
    expect(reading).toMatchObject({ size: 10, etag })
    expect(await text(reading?.body ?? nothing())).toBe('456789')
    expect(emulator.requests.at(-1)?.headers).toMatchObject({ range: 'bytes=4-', 'if-match': etag })
  })

  test.each([10, 11])('from the end of the object (%i of 10) on has no bytes', async (from) => {
    const { objects } = await setupReady()
    const { etag } = await objects.put('key', Buffer.from('0123456789'), { contentType: 'text/plain', note: 'note' })
    const reading = await objects.get('key', { from, etag })
    expect(reading).toMatchObject({ size: 10, etag, contentType: 'text/plain', note: 'note' })
    expect(await text(reading?.body ?? nothing())).toBe('')
  })

  test('from the end of an empty object on has no bytes', async () => {
    const { objects } = await setupReady()
    await objects.put('key', Buffer.alloc(0))
    const reading = await objects.get('key', { from: 0 })
    expect([reading?.size, await text(reading?.body ?? nothing())]).toEqual([0, ''])
  })

  test('from the end on of another version is INPUT_CHANGED', async () => {
    const { objects } = await setupReady()
    await objects.put('key', Buffer.from('0123456789'))
    await expect(objects.get('key', { from: 10, etag: '"other"' })).rejects.toMatchObject({ code: 'INPUT_CHANGED' })
  })

  test("takes its time from the server's clock", async () => {
    const { emulator, objects } = await setupReady()
    await objects.put('key', Buffer.from('body'))
    const answered = new Date('2031-05-06T07:08:09Z')
    const headers = { date: answered.toUTCString(), etag: '"etag"', 'last-modified': answered.toUTCString() }
    emulator.fail({ times: 2, answer: { status: 200, headers } })
    expect(await objects.head('key')).toMatchObject({ answeredAt: answered })
    expect(await objects.get('key')).toMatchObject({ answeredAt: answered })
    emulator.fail({ answer: { status: 200, headers: { etag: '"etag"', date: 'nonsense' } } })
    expect(Math.abs(((await objects.head('key'))?.answeredAt.getTime() ?? 0) - Date.now())).toBeLessThan(5000)
  })

  test('tells apart what others wrote about the object', async () => {
    const { emulator, objects, place } = await setupReady()
    const s3 = new S3Client({ ...emulator.options, forcePathStyle: true })
    onTestFinished(() => s3.destroy())
    const Metadata = { name: 'Cat', Filename: 'cat.jpg' }
    await s3.send(new PutObjectCommand({ Bucket: place.bucket, Key: 'key', Body: 'meow', Metadata }))
    expect(await objects.head('key')).toMatchObject({
      note: undefined,
      userMetadata: { name: 'Cat', filename: 'cat.jpg' },
    })
    await objects.put('ours', Buffer.from(''), { note: 'ours' })
    expect(await objects.head('ours')).toMatchObject({ note: 'ours', userMetadata: {} })
  })
})

describe('a body', () => {
  test('that is cut off fails as UNAVAILABLE, after the bytes that came', async () => {
    const { emulator, objects } = await setupReady()
    await objects.put('key', Buffer.alloc(1000, 'x'))
    emulator.fail({ operation: 'GetObject', when: 'after', answer: 'cut' })
    const reading = await objects.get('key')
    const [bytes, error] = await drain(reading?.body ?? nothing())
    expect(bytes).toBe(500)
    expect(error).toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('No answer to GetObject on') })
    const rest = await objects.get('key', { from: bytes, etag: reading?.etag })
    expect((await buffer(rest?.body ?? nothing())).byteLength).toBe(500)
  })

  test('ends with the reason of its signal', async () => {
    const { objects } = await setupReady()
    await objects.put('key', Buffer.alloc(5_000_000))
    const stop = new AbortController()
    const reading = await objects.get('key', { signal: stop.signal })
    const reason = new Error('enough')
    const drained = drain(reading?.body ?? nothing())
    stop.abort(reason)
    expect((await drained)[1]).toBe(reason)
  })

  test('may wait for its reader as long as it takes, but not for a silent server', async () => {
    const source = new PassThrough()
    const body = new ObjectBody(source, { operation: 'GetObject', bucket: 'bucket', key: 'key' }, undefined, 30)
    source.write('first')
    await wait(120) // longer than the server may be silent
    expect(body.destroyed).toBe(false)
    const [bytes, error] = await drain(body)
    expect(bytes).toBe(5)
    expect(error).toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('no bytes came for 0.03 seconds'),
    })
    expect(source.destroyed).toBe(true)
  })

  test('that is closed without its end is not taken for whole', async () => {
    const source = new PassThrough()
    const body = new ObjectBody(source, { operation: 'GetObject', bucket: 'bucket', key: 'key' })
    source.write('first')
    setImmediate(() => source.destroy())
    expect((await drain(body))[1]).toMatchObject({ code: 'UNAVAILABLE' })
  })

  test('held open by many readers does not keep others from writing', async () => {
    const { objects } = await setupReady()
    await objects.put('large', Buffer.alloc(1_000_000))
    const open = await Promise.all(Array.from({ length: 200 }, () => objects.get('large')))
    // Before the server ends, which would break them off with nobody listening.
    onTestFinished(() => open.forEach((reading) => reading?.body.destroy()))
    expect(await objects.put('key', Buffer.from('written'))).toMatchObject({ size: 7 })
  })
})

describe('a list', () => {
  test('names keys as they are, with more than a thousand in pages', async () => {
    const { objects } = await setupReady()
    const keys = ['a b', 'a+b', 'a%20b', 'a&amp;<b>', 'é', '"quoted"', 'tab\tnew\nline', '\u0001']
    for (const key of keys) await objects.put(`odd/${key}`, Buffer.from(''))
    expect((await objects.list('odd/')).objects.map(({ key }) => key.slice(4)).toSorted()).toEqual(keys.toSorted())
    const many = Array.from({ length: 1001 }, (_, index) => `many/${String(index).padStart(4, '0')}`)
    for (let at = 0; at < many.length; at += 50) {
      await Promise.all(many.slice(at, at + 50).map((key) => objects.put(key, Buffer.from(''))))
    }
    const first = await objects.list('many/')
    const second = await objects.list('many/', { after: first.objects.at(-1)?.key })
    expect([first.more, second.more]).toEqual([true, false])
    expect([...first.objects, ...second.objects].map(({ key }) => key)).toEqual(many)
  })

  test('is read as it comes from a server that does not encode', async () => {
    const { emulator, objects } = await setupReady()
    const Contents = '<Contents><Key>a+b%20c</Key><Size>1</Size></Contents>'
    emulator.fail({ answer: { status: 200, body: `<ListBucketResult>${Contents}</ListBucketResult>` } })
    expect((await objects.list('')).objects).toMatchObject([{ key: 'a+b%20c', size: 1 }])
  })
})

/** How many bytes came, and what ended them. */
async function drain(body: Readable): Promise<[number, unknown]> {
  let bytes = 0
  try {
    for await (const chunk of body) bytes += Buffer.from(chunk).byteLength
    return [bytes, undefined]
  } catch (error) {
    return [bytes, error]
  }
}

function nothing(): never {
  throw new Error('Expected an object, got undefined')
}
