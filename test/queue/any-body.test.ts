import { PassThrough, Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Body } from '../../src/index.ts'
import { chunksOf, failingAfter, noise } from './chunks.ts'
import { nextOf, onLocal, refusal, useStage } from './setup.ts'

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

  test('of two that are handed back, the other is closed when one fails', async () => {
    const { queue } = await setup()
    await queue.submit({ n: 1 })
    const job = await nextOf(queue)
    const endless = new PassThrough()
    endless.write('it never ends')
    const refused = job.complete({ endless, output: Readable.from(failingAfter(10)) })
    expect(await refusal(refused)).toMatchObject({ code: 'BODY_FAILED' })
    expect(endless.destroyed).toBe(true)
    const late = new PassThrough()
    await job.release()
    expect(await refusal(job.complete({ late }))).toMatchObject({ code: 'LEASE_LOST' })
    expect(late.destroyed).toBe(true)
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
