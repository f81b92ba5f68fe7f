import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { nextOf, onLocal, useStage } from './setup.ts'

describe('messages of any kind', () => {
  const { setup } = useStage(onLocal)

  const member = fc.constantFrom(
    'v',
    'id',
    'key',
    'bucket',
    'metadata',
    'spilled',
    'finished',
    'Records',
    'Event',
    's3',
    'attempts',
    '__proto__',
  )
  const leaf = fc.oneof(fc.constantFrom<unknown>(1, 2, 'x', '../x', 'completed', -1, null), fc.jsonValue())
  const nearly = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(member, tie('value'), { maxKeys: 6 }),
    ),
  })).value

  test('never reject `next`, and the next good job is served', async () => {
    const { queue, send } = await setup()
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          nearly.map((value) => JSON.stringify(value)),
          fc.string({ minLength: 1 }),
        ),
        async (body) => {
          try {
            await send(body)
          } catch {
            return // what the queue itself refuses cannot be in it
          }
          const { id } = await queue.submit({ good: true })
          for (;;) {
            const job = await nextOf(queue)
            await job.complete()
            if (job.id === id) break
          }
        },
      ),
      { numRuns: 300 },
    )
  })

  test('attributes of any kind do no harm', async () => {
    const { queue, send } = await setup()
    const words = fc.oneof(
      fc.constantFrom('-1', '1e9', '1e99', 'NaN', '../x', ' ', '__proto__'),
      fc.string({ minLength: 1, unit: 'grapheme-ascii' }),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.constantFrom('base', 'again', 'owner', 'reason'), words),
        async (attributes) => {
          const id = randomUUID()
          await send({ v: 1, id: 'x', metadata: {} }, 'pending', { id, ...attributes })
          const job = await nextOf(queue)
          expect([job.id, Number.isSafeInteger(job.attempt), job.attempt >= 1]).toEqual([id, true, true])
          await job.complete()
        },
      ),
      { numRuns: 100 },
    )
  })

  test('a newer version rests about a minute each time, for days, and never becomes poison', async () => {
    const { queue, send, deadLetters, raw, name } = await setup()
    const body = '{"v":2,"id":"x"}'
    await send(body, 'pending', { id: 'y', newer: 'still' })
    vi.useFakeTimers({ toFake: ['Date'] })
    try {
      for (let minutes = 0; minutes < 40; minutes += 1) {
        expect(await queue.next('pending', { waitSeconds: 0 })).toBeUndefined()
        vi.setSystemTime(Date.now() + 50_000)
        expect(await raw.queue(`${name}-pending`).receive({ max: 1, waitSeconds: 0, leaseSeconds: 0 })).toEqual([])
        vi.setSystemTime(Date.now() + 11_000)
      }
      const [message] = await raw.queue(`${name}-pending`).receive({ max: 1, waitSeconds: 0, leaseSeconds: 0 })
      expect(message).toMatchObject({ body, attributes: { id: 'y', newer: 'still' } })
    } finally {
      vi.useRealTimers()
    }
    expect(await deadLetters()).toEqual([])
  })
})
