import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isRemoteJobError, Queue } from '../../src/index.ts'
import { localBackend } from '../../src/local.ts'
import { nextOf, onLocal, useStage } from './setup.ts'

/** Values of every kind, likely ones first. */
const anything: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    0,
    1,
    3,
    -1,
    1.5,
    '',
    '../x',
    'x',
    'pending',
    'é %+',
    '__proto__',
    true,
    Number.NaN,
    Infinity,
    2 ** 53,
  ),
  fc.string({ unit: 'binary' }),
  fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withNullPrototype: true,
    withBoxedValues: true,
  }),
  fc.func(fc.anything()),
  fc.constantFrom<unknown>(Symbol('s'), Promise.resolve(1), /x/, new Error('x'), new URL('http://x/')),
)

/** Options of these names, with whatever values. */
const optionsOf = (...names: string[]): fc.Arbitrary<Record<string, unknown>> =>
  fc.record(Object.fromEntries(names.map((name) => [name, anything])), { requiredKeys: [] })

/** What a call comes to; the only failures that it may have are those that say what is wrong. */
async function outcome(call: () => unknown, allowed: readonly string[] = []): Promise<'fine' | 'refused'> {
  try {
    await call()
    return 'fine'
  } catch (error) {
    if (!isRemoteJobError(error)) throw error
    expect(['INVALID_ARGUMENT', ...allowed]).toContain(error.code)
    expect(error.message).toMatch(/^[A-Z].{10}/)
    return 'refused'
  }
}

describe('arguments of any kind', () => {
  const { setup } = useStage(onLocal)

  test('a queue’s name and options are taken or refused with INVALID_ARGUMENT', async () => {
    const options = optionsOf(
      'bucket',
      'prefix',
      'statuses',
      'records',
      'leaseSeconds',
      'attempts',
      'provision',
      'metadata',
      'backend',
    )
    const make = (name: unknown, given: object): unknown => new Queue(name as string, given)
    await fc.assert(
      fc.asyncProperty(anything, options, async (name, given) => void (await outcome(() => make(name, given)))),
      { numRuns: 300 },
    )
    await fc.assert(
      fc.asyncProperty(options, async (given) => void (await outcome(() => make('thumbs', given)))),
      { numRuns: 300 },
    )
    expect(await outcome(() => make('thumbs', { backend: localBackend({ directory: 'x' }) }))).toBe('fine')
  })

  test('a job is sent or refused, and what is refused leaves nothing', async () => {
    const { queue, keys } = await setup()
    const options = optionsOf('id', 'delaySeconds', 'runAt', 'expiresSeconds', 'group', 'attempts', 'timeoutSeconds')
    const job = fc.oneof(anything, optionsOf('key', 'body', 'filename', 'contentType', 'n'))
    await fc.assert(
      fc.asyncProperty(job, options, async (data, given) => {
        const before = (await keys()).length
        const came = await outcome(
          () => queue.submit(data as Record<string, unknown>, given),
          ['NOT_FOUND', 'ID_IN_USE', 'BODY_FAILED'],
        )
        if (came === 'refused') expect(await keys()).toHaveLength(before)
      }),
      { numRuns: 300 },
    )
    for (;;) {
      const taken = await queue.next('pending', { waitSeconds: 0 })
      if (!taken) break
      await taken.complete()
    }
  })

  test('ids, keys and statuses are looked up or refused', async () => {
    const { queue } = await setup()
    await fc.assert(
      fc.asyncProperty(anything, async (given) => {
        const text = given as string
        await outcome(() => queue.status(text))
        await outcome(() => queue.result(text, { timeoutSeconds: 0 }), ['JOB_NOT_FOUND'])
        await outcome(() => queue.cancel(text), ['JOB_NOT_FOUND'])
        await outcome(() => queue.retrieve(text), ['NOT_FOUND'])
        await outcome(() => queue.remove(text))
        await outcome(() => queue.trigger('pending', text), ['NOT_FOUND'])
        await outcome(() => queue.next(text, { waitSeconds: 0 }), ['UNKNOWN_STATUS'])
        await outcome(() => queue.trigger(text, 'x'), ['UNKNOWN_STATUS', 'NOT_FOUND'])
      }),
      { numRuns: 200 },
    )
  })

  test('what is stored comes back, or is refused', async () => {
    const { queue } = await setup()
    await fc.assert(
      fc.asyncProperty(optionsOf('key', 'body', 'filename', 'contentType', 'n'), async (data) => {
        const came = await outcome(async () => {
          const { key, body: _body, ...metadata } = data
          const stored = await queue.retrieve(await queue.store(data))
          if (key !== undefined) expect(stored.key).toBe(key)
          expect(stored.metadata).toEqual(JSON.parse(JSON.stringify(metadata)))
        }, ['BODY_FAILED'])
        expect(['fine', 'refused']).toContain(came)
      }),
      { numRuns: 200 },
    )
  })

  test('a job that cannot be ended so stays in hand, and is ended otherwise', async () => {
    const { queue } = await setup()
    const assets = fc.oneof(
      anything,
      optionsOf('key', 'filename', 'contentType', 'body'),
      fc.array(optionsOf('key', 'body'), { maxLength: 3 }),
      optionsOf('value', 'assets'),
    )
    await fc.assert(
      fc.asyncProperty(
        anything,
        assets,
        fc.constantFrom('complete one', 'complete two', 'fail'),
        async (first, second, way) => {
          const handle = await queue.submit({})
          const job = await nextOf(queue)
          const came = await outcome(() => {
            if (way === 'fail') return job.fail(first, second)
            return way === 'complete one' ? job.complete(second as null) : job.complete(first, second as null)
          }, ['BODY_FAILED'])
          if (came === 'refused') {
            expect(await handle.status()).toBe('pending')
            await job.complete()
          }
          expect(['completed', 'failed']).toContain(await handle.status())
          const ended = await handle.result().catch((error: unknown) => error)
          expect(ended).toHaveProperty(isRemoteJobError(ended) ? 'result.assets' : 'assets')
        },
      ),
      { numRuns: 300 },
    )
  })

  test('what is done with a job in hand, and how it is waited for', async () => {
    const { queue } = await setup()
    await queue.submit({})
    const job = await nextOf(queue)
    await fc.assert(
      fc.asyncProperty(anything, async (given) => {
        await outcome(() => job.progress(given))
        await outcome(() => void job.hold(given as number))
        const waitSeconds = typeof given === 'number' ? Math.min(given, 0) : given
        if (given !== undefined) await outcome(() => queue.next('completed', { waitSeconds: waitSeconds as number }))
      }),
      { numRuns: 100 },
    )
    await job.complete()
  })
})
