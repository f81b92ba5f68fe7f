import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { grounds, nextOf, onLocal, refusal, useStage } from './setup.ts'

/** A value as JSON has it. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

/** Objects of JSON with names that trip programs up. */
const awkwardName = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'toString', 'toJSON', 'v', 'id', 'metadata', 'spilled', ''),
  fc.string({ unit: 'binary' }),
)
const jsonObject = fc.letrec<{ value: unknown; object: Record<string, unknown> }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<unknown>(null, true, false, '', 0),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: 'binary' }),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('object'),
  ),
  object: fc.dictionary(awkwardName, tie('value'), { maxKeys: 5 }),
})).object

describe.each(grounds)('metadata, over $ground', ({ start }) => {
  const { setup } = useStage(start)

  test.each([
    ['names in both cases, numbers, nesting', { camelCase: 1.5, list: [1, null, { a: true }], none: null }],
    [
      'other scripts and astral characters',
      { ключ: 'значение', 日本: '😀 \u0000 \u001f \u007f \u0085 \u2028 \ufeff \ufffe \uffff', lone: '\ud83d' },
    ],
    ['names from prototypes', { ['__proto__']: { admin: true }, constructor: 1, toString: 'x', hasOwnProperty: null }],
    ['100 KiB', { text: 'é"\\\n'.repeat(25 * 1024) }],
    ['2,100 characters', { text: 'x'.repeat(2100) }],
    ['1 MiB', { text: 'x'.repeat(1024 * 1024) }],
  ])('comes through unchanged: %s', async (_what, metadata) => {
    const { queue } = await setup()
    await queue.submit({ ...metadata, body: 'x' })
    const job = await nextOf(queue)
    expect(job.metadata).toEqual(asJson(metadata))
    expect(Object.getPrototypeOf(job.metadata)).toBe(Object.prototype)
    await job.complete()
    expect((await nextOf(queue, 'completed')).metadata).toEqual(asJson(metadata))
    const key = await queue.store({ ...metadata, body: 'x' })
    expect((await queue.retrieve(key)).metadata).toEqual(asJson(metadata))
  })

  test('members that are undefined are left out', async () => {
    const { queue } = await setup()
    await queue.submit({ a: 1, b: undefined, c: { d: undefined } })
    expect((await nextOf(queue)).metadata).toEqual({ a: 1, c: {} })
  })
})

describe('metadata of any kind', () => {
  const { setup } = useStage(onLocal)

  test('that is JSON comes through unchanged', async () => {
    const { queue } = await setup()
    await fc.assert(
      fc.asyncProperty(
        jsonObject,
        async ({ key: _key, body: _body, filename: _name, contentType: _type, ...metadata }) => {
          await queue.submit(metadata)
          const job = await nextOf(queue)
          expect(job.metadata).toEqual(asJson(metadata))
          await job.complete({ value: metadata })
          expect((await queue.result(job.id)).value).toEqual(asJson(metadata))
        },
      ),
      { numRuns: 150 },
    )
  })

  const cycle: { self?: unknown } = {}
  cycle.self = cycle
  test.each([
    [{ when: new Date(0) }, '`metadata.when` to be JSON, but it is a Date; send toISOString()'],
    [{ n: Number.NaN }, '`metadata.n` to be JSON, but it is NaN; JSON has no such number'],
    [{ deep: [1, { n: -Infinity }] }, '`metadata.deep[1].n` to be JSON, but it is -Infinity'],
    [{ n: 10n }, '`metadata.n` to be JSON, but it is a bigint'],
    [{ f: () => 1 }, '`metadata.f` to be JSON, but it is a function'],
    [{ s: Symbol('x') }, '`metadata.s` to be JSON, but it is a symbol'],
    [{ cycle }, '`metadata.cycle.self` to be JSON, but it contains itself'],
    [{ m: new Map() }, '`metadata.m` to be JSON, but it is a Map'],
    [{ b: Buffer.from('x') }, '`metadata.b` to be JSON, but it is a Buffer'],
    [
      { odd: Object.create(Object.create(Object.create(null))) as unknown },
      '`metadata.odd` to be JSON, but it is an object',
    ],
    [{ list: [undefined] }, '`metadata.list[0]` to be JSON, but it is undefined'],
    [new Map([['a', 1]]), '`metadata` to be JSON, but it is a Map'],
    [new Date(0), '`metadata` to be JSON, but it is a Date'],
    [[1, 2], '`metadata` to be JSON, but it is an Array'],
    ['words', '`metadata` to be JSON, but it is a string'],
    [5, '`metadata` to be JSON, but it is a number'],
  ])('that is not JSON is refused, with the place: %o', async (metadata, words) => {
    const { queue, keys } = await setup()
    for (const call of [
      () => queue.submit(metadata as Record<string, unknown>),
      () => queue.store(metadata as Record<string, unknown>),
    ]) {
      const error = await refusal(call())
      expect([error.code, error.message]).toEqual(['INVALID_ARGUMENT', expect.stringContaining(words)])
    }
    expect(await keys()).toEqual([])
  })

  test('nested too deep is refused, not a stack overflow', async () => {
    const { queue } = await setup()
    let deep: unknown = 1
    for (let depth = 0; depth < 100_000; depth += 1) deep = [deep]
    expect(await refusal(queue.submit({ deep }))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('nested more than 200 deep'),
    })
  })

  test('null and nothing are a job without metadata', async () => {
    const { queue } = await setup()
    const nothing: unknown[] = [null, undefined, {}]
    for (const metadata of nothing) {
      await queue.submit(metadata as Record<string, unknown>)
      const job = await nextOf(queue)
      expect(job.metadata).toEqual({})
      await job.complete()
    }
    expect(
      await (await queue.retrieve(await queue.store(null as unknown as Record<string, unknown>))).bytes(),
    ).toHaveLength(0)
  })

  test('a filename with an unknown ending has no media type, and one given wins', async () => {
    const { queue } = await setup()
    const typeOf = async (metadata: Record<string, unknown>): Promise<string | undefined> =>
      (await queue.retrieve(await queue.store(metadata))).contentType
    expect(await typeOf({ filename: 'x.PNG', body: '' })).toBe('image/png')
    expect(await typeOf({ filename: 'x.png', contentType: 'text/plain', body: '' })).toBe('text/plain')
    expect(await refusal(queue.store({ contentType: 'text/ü', body: '' }))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('`contentType`'),
    })
  })
})

describe('metadata with a schema', () => {
  const { setup } = useStage(onLocal)
  const schema = v.object({
    width: v.pipe(v.number(), v.integer()),
    due: v.pipe(
      v.string(),
      v.isoDate(),
      v.transform((text) => new Date(text)),
    ),
    mode: v.optional(v.string(), 'fit'),
  })

  test('the requester’s is checked before anything is sent, and the message names each member at fault', async () => {
    const { queue, keys } = await setup({ metadata: schema })
    const wrong = { width: 1.5, due: 'soon' }
    const words =
      'The metadata does not fit the queue\'s schema: `metadata.width`: Invalid integer: Received 1.5; `metadata.due`: Invalid date: Received "soon"'
    for (const call of [() => queue.submit(wrong), () => queue.store(wrong)]) {
      expect(await refusal(call())).toMatchObject({ code: 'INVALID_ARGUMENT', message: words })
    }
    expect(await keys()).toEqual([])
  })

  test('the worker gets what the schema makes of it; what travels is what the requester gave', async () => {
    const { queue, another } = await setup({ metadata: schema })
    await queue.submit({ width: 2, due: '2026-11-22' })
    const job = await nextOf(queue)
    expect(job.metadata).toEqual({ width: 2, due: new Date('2026-11-22'), mode: 'fit' })
    await job.complete()
    const done = await nextOf(another(), 'completed')
    expect(done.metadata.due.getUTCFullYear()).toBe(2026)
    const key = await queue.store({ width: 3, due: '2026-11-23' })
    expect((await queue.retrieve(key)).metadata).toEqual({ width: 3, due: '2026-11-23' })
    await queue.trigger('pending', key)
    expect((await nextOf(queue)).metadata.due).toEqual(new Date('2026-11-23'))
  })

  test('a job whose metadata does not fit the worker’s schema fails, with the reason, and the next is served', async () => {
    const { queue, another, send, bucket } = await setup({ metadata: schema })
    const handle = await another({ metadata: undefined }).submit({ width: 1.5, due: '2026-11-22' })
    await send({ bucket, key: 'x', width: 'wide' })
    const { id } = await queue.submit({ width: 1, due: '2026-11-22' })
    expect((await nextOf(queue)).id).toBe(id)
    expect(await queue.next('pending', { waitSeconds: 0 })).toBeUndefined()
    expect(await refusal(handle.result())).toMatchObject({
      code: 'JOB_FAILED',
      message: expect.stringContaining('`metadata.width`: Invalid integer'),
    })
  })

  test('the end of a job whose metadata does not fit is told all the same, with the metadata as it travelled', async () => {
    const { queue, another } = await setup({ metadata: schema })
    const loose = another({ metadata: undefined })
    const { id } = await loose.submit({ width: 1.5, due: '2026-11-22' })
    await (await nextOf(loose)).complete({ value: 1 })
    const done = await nextOf(queue, 'completed')
    expect([done.id, done.metadata, (await done.result()).value]).toEqual([id, { width: 1.5, due: '2026-11-22' }, 1])
  })

  test('stored metadata that does not fit is refused when it is triggered or submitted', async () => {
    const { queue, another } = await setup({ metadata: schema })
    const key = await another({ metadata: undefined }).store({ width: 1.5, due: '2026-11-22' })
    expect(await refusal(queue.trigger('pending', key))).toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  test('metadata given beside a stored key is checked together with what is stored', async () => {
    const { queue } = await setup({ metadata: schema })
    const key = await queue.store({ width: 1, due: '2026-11-22' })
    await queue.submit({ key, width: 5, due: '2026-11-23' })
    expect((await nextOf(queue)).metadata.width).toBe(5)
  })

  test('a schema may be asynchronous, and what it throws is the caller’s', async () => {
    const later = v.objectAsync({
      n: v.pipeAsync(
        v.number(),
        v.checkAsync(async (n) => n > 0, 'too small'),
      ),
    })
    const { queue } = await setup({ metadata: later })
    expect(await refusal(queue.submit({ n: 0 }))).toMatchObject({
      message: expect.stringContaining('`metadata.n`: too small'),
    })
    await queue.submit({ n: 1 })
    expect((await nextOf(queue)).metadata.n).toBe(1)
  })
})
