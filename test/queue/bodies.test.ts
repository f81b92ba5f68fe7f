import { createReadStream, openAsBlob } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { ReadableStream } from 'node:stream/web'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Body } from '../../src/index.ts'
import { grounds, nextOf, onLocal, refusal, useStage } from './setup.ts'

/** Every kind of body, made of the same bytes. */
const kinds: readonly [string, (bytes: Buffer) => Body][] = [
  ['Buffer', (bytes) => bytes],
  ['Uint8Array on a part of its buffer', subarray],
  ['ArrayBuffer', (bytes) => new Uint8Array(bytes).buffer],
  ['Node stream of chunks', (bytes) => Readable.from(chunksOf(bytes))],
  [
    'Node stream in object mode, with empty chunks',
    (bytes) => Readable.from([Buffer.alloc(0), bytes, Buffer.alloc(0)]),
  ],
  ['web stream', (bytes) => ReadableStream.from(chunksOf(bytes))],
  ['Blob', (bytes) => new Blob([new Uint8Array(bytes)])],
  ['File', (bytes) => new File([new Uint8Array(bytes)], 'cat.png', { type: 'image/png' })],
  ['async generator', (bytes) => chunksOf(bytes)],
  ['response of fetch', (bytes) => new Response(new Uint8Array(bytes)).body ?? ''],
  ['piped stream', (bytes) => Readable.from(chunksOf(bytes)).pipe(new PassThrough())],
]

function subarray(bytes: Buffer): Uint8Array {
  const larger = Buffer.concat([Buffer.from('>>'), bytes, Buffer.from('<<')])
  return new Uint8Array(larger.buffer, larger.byteOffset + 2, bytes.byteLength)
}

async function* chunksOf(bytes: Buffer, size = 65_537): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size)
}

function noise(length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  for (let at = 0; at < length; at += 1) bytes[at] = (at * 31 + (at >> 8)) & 0xff
  return bytes
}

describe.each(grounds)('bodies, over $ground', ({ start }) => {
  const { setup } = useStage(start)
  let directory: string
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'remotejob-bodies-'))
  })
  afterAll(() => rm(directory, { recursive: true }))

  test.each(kinds)('%s goes there and comes back, of any size', async (_kind, bodyOf) => {
    const { queue } = await setup()
    for (const length of [0, 1, 65_536, 300_000]) {
      const bytes = noise(length)
      const handle = await queue.submit({ body: bodyOf(bytes) })
      const job = await nextOf(queue)
      expect((await job.bytes()).equals(bytes)).toBe(true)
      expect(job.size).toBe(length)
      await job.complete({ body: bodyOf(bytes) })
      expect((await (await handle.result()).assets['output']?.bytes())?.equals(bytes)).toBe(true)
    }
  })

  test('text is UTF-8, in one piece or many', async () => {
    const { queue } = await setup()
    const text = 'naïve 日本 😀'
    for (const body of [
      text,
      Readable.from(['naïve ', '日本', ' 😀']),
      (async function* () {
        yield* ['naïve ', '日本 😀']
      })(),
      Readable.from([text], { objectMode: false }),
    ]) {
      expect(await (await queue.retrieve(await queue.store({ body }))).text()).toBe(text)
    }
  })

  test('5 MiB and a byte, and 9 MiB, of unknown length: the sizes at which uploads become parts', async () => {
    const { queue } = await setup()
    for (const length of [5 * 1024 * 1024 + 1, 9 * 1024 * 1024]) {
      const bytes = noise(length)
      const handle = await queue.submit({ body: Readable.from(chunksOf(bytes)) })
      const job = await nextOf(queue)
      expect((await job.bytes()).equals(bytes)).toBe(true)
      await job.complete({ body: job.createReadStream() })
      const output = (await handle.result()).assets['output']
      expect(output?.size).toBe(length)
      expect((await output?.bytes())?.equals(bytes)).toBe(true)
    }
  })

  test('a file on disk, as a stream and as a Blob', async () => {
    const { queue } = await setup()
    const path = join(directory, 'file.bin')
    const bytes = noise(200_000)
    await writeFile(path, bytes)
    for (const body of [
      createReadStream(path),
      createReadStream(path, { encoding: 'latin1' }),
      await openAsBlob(path),
    ]) {
      const object = await queue.retrieve(await queue.store({ body }))
      if (body instanceof Blob || !body.readableEncoding) expect((await object.bytes()).equals(bytes)).toBe(true)
      else expect(await object.text()).toBe(bytes.toString('latin1'))
    }
  })

  test('a file that is not there is BODY_FAILED, with the cause', async () => {
    const { queue, keys } = await setup()
    const error = await refusal(queue.submit({ body: createReadStream(join(directory, 'nowhere')) }))
    expect(error).toMatchObject({
      code: 'BODY_FAILED',
      message: expect.stringContaining('`body` failed while it was read: ENOENT'),
      cause: { code: 'ENOENT' },
    })
    expect(await keys()).toEqual([])
  })

  test('a body that fails half-way is never announced, and no object stays, nor large metadata beside it', async () => {
    const { queue, keys } = await setup()
    for (const [length, text] of [
      [0, 'x'],
      [70_000, 'x'],
      [70_000, 'x'.repeat(5000)],
      [6_000_000, 'x'.repeat(60_000)],
    ] as const) {
      const failing = (): AsyncGenerator<Buffer> => failingAfter(length)
      for (const call of [
        () => queue.submit({ text, body: failing() }),
        () => queue.submit({ text, body: failing() }, { id: 'mine' }),
        () => queue.submit({ text, key: 'a/key', body: failing() }),
        () => queue.store({ text, body: Readable.from(failing()) }),
        () => queue.store({ text, key: 'a/key', body: ReadableStream.from(failing()) }),
      ]) {
        const error = await refusal(call())
        expect(error).toMatchObject({ code: 'BODY_FAILED', message: '`body` failed while it was read: disk on fire' })
        expect(error.cause).toMatchObject({ message: 'disk on fire' })
      }
    }
    expect(await keys()).toEqual([])
    expect(await queue.next('pending', { waitSeconds: 0 })).toBeUndefined()
  })

  test('a submission that is aborted half-way rejects with the reason and leaves nothing', async () => {
    const { queue, keys } = await setup()
    const stop = new AbortController()
    const reason = new Error('changed my mind')
    let closed = false
    const endless = (async function* () {
      try {
        for (let chunks = 0; ; chunks += 1) {
          yield Buffer.alloc(65_536)
          if (chunks === 3) stop.abort(reason)
        }
      } finally {
        closed = true
      }
    })()
    await expect(queue.submit({ body: endless }, { signal: stop.signal })).rejects.toBe(reason)
    await expect.poll(() => closed).toBe(true)
    await expect.poll(() => keys()).toEqual([])
    expect(await queue.next('pending', { waitSeconds: 0 })).toBeUndefined()
  })
})

async function* failingAfter(length: number): AsyncGenerator<Buffer> {
  yield* chunksOf(noise(length))
  throw new Error('disk on fire')
}

describe('bodies of any kind', () => {
  const { setup } = useStage(onLocal)

  test('come back as they were', async () => {
    const { queue } = await setup()
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 3000, size: 'max' }), { maxLength: 30 }), async (chunks) => {
        const whole = Buffer.concat(chunks)
        const key = await queue.store({ body: Readable.from(chunks) })
        const object = await queue.retrieve(key)
        expect(object.size).toBe(whole.byteLength)
        expect((await object.bytes()).equals(whole)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  test('that fail at any point leave nothing, and their stream is closed', async () => {
    const { queue, keys } = await setup()
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: 400_000 }),
        fc.boolean(),
        fc.constantFrom('x', 'x'.repeat(3000)),
        async (length, destroyed, text) => {
          const body = destroyed
            ? Readable.from(chunksOf(noise(length + 100_000)))
            : Readable.from(failingAfter(length))
          let seen = 0
          if (destroyed) {
            body.on('data', (chunk: Buffer) => {
              seen += chunk.byteLength
              if (seen >= length) body.destroy(new Error('disk on fire'))
            })
            body.pause()
          }
          expect(await refusal(queue.submit({ text, body }))).toMatchObject({ code: 'BODY_FAILED' })
          expect(body.destroyed).toBe(true)
        },
      ),
      { numRuns: 40 },
    )
    expect(await keys()).toEqual([])
    expect(await queue.next('pending', { waitSeconds: 0 })).toBeUndefined()
  })

  test('a stream that is destroyed without an error, or was used before, is BODY_FAILED', async () => {
    const { queue } = await setup()
    const used = Readable.from(['x'])
    await used.toArray()
    expect(await refusal(queue.submit({ body: used }))).toMatchObject({
      code: 'BODY_FAILED',
      message: '`body` is a stream that has been read or destroyed already',
    })
    const cut = new PassThrough()
    cut.write('half')
    setTimeout(() => cut.destroy(), 20)
    expect(await refusal(queue.submit({ body: cut }))).toMatchObject({ code: 'BODY_FAILED' })
    const web = new Response('x').body
    await web?.getReader().read()
    expect(await refusal(queue.submit({ body: web ?? '' }))).toMatchObject({ code: 'BODY_FAILED' })
  })

  test('what is no body is refused', async () => {
    const { queue } = await setup()
    const wrong: [unknown, string][] = [
      [42, 'a number'],
      [true, 'a boolean'],
      [{}, 'an object of class Object'],
      [[Buffer.from('x')], 'an object of class Array'],
      [() => 'x', 'a function'],
    ]
    for (const [body, words] of wrong) {
      const error = await refusal(queue.submit({ body: body as Body }))
      expect(error).toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: `Expected \`body\` to be a string, Uint8Array, stream, Blob or async iterable of bytes, got ${words}`,
      })
    }
    const error = await refusal(queue.submit({ body: Readable.from([{ a: 1 }]) }))
    expect(error).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: 'Expected `body` to be a stream of bytes or strings, but it gave an object of class Object',
    })
  })

  test('the stream of a job that is refused is closed, so that its file is', async () => {
    const { queue } = await setup()
    const refused: ((body: Readable) => Promise<unknown>)[] = [
      (body) => queue.submit({ when: new Date(), body }),
      (body) => queue.submit({ key: '/x', body }),
      (body) => queue.submit({ key: 'results/x', body }),
      (body) => queue.submit({ body }, { attempts: 0 }),
      (body) => queue.submit({ body }, { id: '../x' }),
      (body) => queue.submit({ contentType: 'ü', body }),
      (body) => queue.store({ key: 'inputs/x', body }),
    ]
    for (const call of refused) {
      const body = new PassThrough()
      expect(await refusal(call(body))).toMatchObject({ code: 'INVALID_ARGUMENT' })
      expect(body.destroyed).toBe(true)
    }
    const body = new PassThrough()
    await expect(queue.submit({ body }, { signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no')
    expect(body.destroyed).toBe(true)
  })

  test('a reader that stops early harms nobody', async () => {
    const { queue } = await setup()
    const object = await queue.retrieve(await queue.store({ body: noise(500_000) }))
    const stream = object.createReadStream()
    for await (const chunk of stream) {
      expect(chunk).toBeInstanceOf(Uint8Array)
      break
    }
    expect(stream.destroyed).toBe(true)
    const reason = new Error('enough')
    await expect(object.bytes({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(await object.bytes()).toHaveLength(500_000)
  })
})
