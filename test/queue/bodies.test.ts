import { createReadStream, openAsBlob } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { ReadableStream } from 'node:stream/web'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Body } from '../../src/index.ts'
import { chunksOf, failingAfter, noise } from './chunks.ts'
import { grounds, nextOf, refusal, useStage } from './setup.ts'

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
