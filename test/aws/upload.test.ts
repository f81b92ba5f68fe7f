import { createHash } from 'node:crypto'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { setupReady } from './setup.ts'

const MiB = 1024 * 1024

describe('a stream', () => {
  test('of unknown length goes up in parts, and comes back as it was', async () => {
    const { emulator, objects } = await setupReady()
    const written = await objects.put('large', bytes(17 * MiB + 5), { contentType: 'image/png', note: 'large' })
    expect(written).toEqual({ size: 17 * MiB + 5, etag: expect.stringMatching(/-4"$/) })
    expect(emulator.count('UploadPart')).toBe(4)
    const reading = await objects.get('large')
    expect(reading).toMatchObject({ size: written.size, etag: written.etag, contentType: 'image/png', note: 'large' })
    expect(sha(await buffer(reading?.body ?? bytes(0)))).toBe(sha(await buffer(bytes(17 * MiB + 5))))
  })

  test.each([0, 1, 5 * MiB])('of %i bytes goes up in one request', async (size) => {
    const { emulator, objects } = await setupReady()
    expect(await objects.put('key', bytes(size))).toMatchObject({ size })
    expect(emulator.requests.map(({ operation }) => operation)).toEqual(['PutObject'])
    expect(await objects.head('key')).toMatchObject({ size })
  })

  test('of text, in chunks of any size, is counted in bytes', async () => {
    const { objects } = await setupReady()
    expect(await objects.put('key', Readable.from(['é', '', 'ü', '日本']))).toMatchObject({ size: 10 })
  })

  test('of anything else is refused', async () => {
    const { objects } = await setupReady()
    await expect(objects.put('key', Readable.from([{ a: 1 }]))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  test('that was read before is refused, and not stored as empty', async () => {
    const { objects } = await setupReady()
    const body = bytes(10)
    await buffer(body)
    await expect(objects.put('key', body)).rejects.toMatchObject({ code: 'BODY_FAILED' })
    expect(await objects.head('key')).toBeUndefined()
  })

  test.each([5, 20])('that fails after %i MiB leaves no object and no upload', async (size) => {
    const { emulator, objects } = await setupReady()
    const failure = new Error('half-way')
    const body = Readable.from(
      (async function* () {
        yield* bytes(size * MiB)
        throw failure
      })(),
    )
    await expect(objects.put('key', body)).rejects.toBe(failure)
    expect(await objects.head('key')).toBeUndefined()
    expect(emulator.count('AbortMultipartUpload')).toBe(emulator.count('CreateMultipartUpload'))
    expect(emulator.count('CompleteMultipartUpload')).toBe(0)
  })
})

describe('an upload in parts', () => {
  test('that S3 refuses ends at once, also when the stream stands still', async () => {
    const { emulator, objects } = await setupReady()
    emulator.fail({ operation: 'UploadPart', answer: { status: 403, code: 'AccessDenied' } })
    const body = new PassThrough()
    body.write(Buffer.alloc(9 * MiB))
    await expect(objects.put('key', body)).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
    expect(body.destroyed).toBe(true)
    expect(emulator.count('AbortMultipartUpload')).toBe(1)
  })

  test('is ended by its signal, with its reason, and taken back', async () => {
    const { emulator, objects } = await setupReady()
    const stop = new AbortController()
    const reason = new Error('enough')
    emulator.fail({ operation: 'UploadPart', from: 2, answer: 'hang' })
    const body = new PassThrough()
    const done = objects.put('key', body, { signal: stop.signal })
    body.write(Buffer.alloc(20 * MiB))
    await emulator.until('UploadPart', 2)
    stop.abort(reason)
    await expect(done).rejects.toBe(reason)
    expect(body.destroyed).toBe(true)
    expect(emulator.count('AbortMultipartUpload')).toBe(1)
    expect(await objects.head('key')).toBeUndefined()
  })

  test('repeats a part that was lost', async () => {
    const { emulator, objects } = await setupReady()
    emulator.fail({ operation: 'UploadPart', from: 2, when: 'before', answer: 'drop' })
    emulator.fail({ operation: 'UploadPart', from: 3, when: 'after', answer: { status: 500 } })
    await objects.put('key', bytes(20 * MiB))
    expect(sha(await buffer((await objects.get('key'))?.body ?? bytes(0)))).toBe(sha(await buffer(bytes(20 * MiB))))
  })

  test('carries checksums where the SDK is told to make them', async () => {
    vi.stubEnv('AWS_REQUEST_CHECKSUM_CALCULATION', 'WHEN_SUPPORTED')
    vi.stubEnv('AWS_RESPONSE_CHECKSUM_VALIDATION', 'WHEN_SUPPORTED')
    onTestFinished(() => void vi.unstubAllEnvs())
    const { emulator, objects } = await setupReady()
    await objects.put('key', bytes(20 * MiB))
    const find = (name: string) => emulator.requests.find(({ operation }) => operation === name)
    expect(find('CreateMultipartUpload')?.headers).toMatchObject({ 'x-amz-checksum-algorithm': 'CRC32' })
    expect(find('UploadPart')?.headers).toMatchObject({ 'x-amz-checksum-crc32': expect.any(String) })
    expect(find('CompleteMultipartUpload')?.body).toContain('<ChecksumCRC32>')
    expect(sha(await buffer((await objects.get('key'))?.body ?? bytes(0)))).toBe(sha(await buffer(bytes(20 * MiB))))
  })

  test('whose completion is answered in vain is complete', async () => {
    const { emulator, objects } = await setupReady()
    emulator.fail({ operation: 'CompleteMultipartUpload', when: 'after', answer: 'drop' })
    const written = await objects.put('key', bytes(20 * MiB))
    expect(await objects.head('key')).toMatchObject(written)
  })

  test('whose completion is answered 200 with an error in it is completed again', async () => {
    const { emulator, objects } = await setupReady()
    const body = '<?xml version="1.0"?>\n<Error><Code>InternalError</Code><Message>Please try again.</Message></Error>'
    emulator.fail({ operation: 'CompleteMultipartUpload', answer: { status: 200, body } })
    expect(await objects.put('key', bytes(20 * MiB))).toMatchObject({ size: 20 * MiB })
    expect(emulator.count('CompleteMultipartUpload')).toBe(2)
  })

  test('whose completion names no version is asked for it', async () => {
    const { emulator, objects } = await setupReady()
    const body = '<CompleteMultipartUploadResult><ETag></ETag></CompleteMultipartUploadResult>'
    emulator.fail({ operation: 'CompleteMultipartUpload', when: 'after', answer: { status: 200, body } })
    const { etag } = await objects.put('key', bytes(20 * MiB))
    expect(etag).toMatch(/^"[0-9a-f]{32}-\d"$/)
    expect(await objects.head('key')).toMatchObject({ etag })
  })

  test('whose completion fails leaves nothing', async () => {
    const { emulator, objects } = await setupReady()
    emulator.fail({ operation: 'CompleteMultipartUpload', answer: { status: 400, code: 'InvalidPart' } })
    await expect(objects.put('key', bytes(20 * MiB))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(await objects.head('key')).toBeUndefined()
    expect(emulator.count('AbortMultipartUpload')).toBe(1)
  })

  test('is not stopped by what cannot be taken back', async () => {
    const { emulator, objects } = await setupReady()
    emulator.fail({ operation: 'UploadPart', answer: { status: 403, code: 'AccessDenied' } })
    emulator.fail({ operation: 'AbortMultipartUpload', answer: { status: 403, code: 'AccessDenied' } })
    await expect(objects.put('key', bytes(20 * MiB))).rejects.toThrow('lack s3:PutObject')
  })

  test('of another size than was said is taken back', async () => {
    const { emulator, objects } = await setupReady()
    await expect(objects.put('key', bytes(20 * MiB), { size: 21 * MiB })).rejects.toThrow(
      'Expected a stream of 22020096 bytes, as its `size` says, got only 20971520',
    )
    await expect(objects.put('key', bytes(20 * MiB), { size: 19 * MiB })).rejects.toThrow('got more')
    expect(emulator.count('AbortMultipartUpload')).toBe(2)
    expect(await objects.head('key')).toBeUndefined()
  })
})

/** A stream that can be told from its own beginning at every place. */
function bytes(size: number): Readable {
  const chunk = (_: unknown, index: number): Buffer => {
    const length = Math.min(65_537, size - index * 65_537)
    return Buffer.alloc(length, `chunk ${index} `)
  }
  return Readable.from(Array.from({ length: Math.ceil(size / 65_537) }, chunk), { objectMode: false })
}

const sha = (whole: Buffer): string => createHash('sha256').update(whole).digest('hex')
