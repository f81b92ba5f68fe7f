import { v7 } from 'uuid'
import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import type { ListJobsOptions, Queue } from '../../src/index.ts'
import { grounds, nextOf, onLocal, refusal, useStage } from './setup.ts'

async function idsOf(queue: Queue, options?: ListJobsOptions): Promise<string[]> {
  return Array.fromAsync(queue.list(options), ({ id }) => id)
}

describe.each(grounds)('listing jobs, over $ground', ({ start }) => {
  const { setup } = useStage(start)

  test('the newest come first, with status and times; the requesters’ own ids last', async () => {
    const { queue } = await setup()
    const own = await queue.submit({ n: 0 }, { id: 'mine' })
    const handles = []
    for (let n = 1; n <= 4; n += 1) handles.push(await queue.submit({ n }))
    const [first, second, third, fourth] = handles.map(({ id }) => id)
    for (let n = 0; n < 5; n += 1) {
      const job = await nextOf(queue)
      if (job.id === first) await job.complete()
      if (job.id === second) await job.fail(new Error('no'))
      if (job.id === third) await job.progress(0.1)
    }
    await handles[3]?.cancel()
    const all = await Array.fromAsync(queue.list())
    expect(all.map(({ id, status }) => [id, status])).toEqual([
      [fourth, 'cancelled'],
      [third, 'active'],
      [second, 'failed'],
      [first, 'completed'],
      [own.id, 'pending'],
    ])
    expect(all.map(({ finishedAt }) => finishedAt !== undefined)).toEqual([true, false, true, true, false])
    for (const { submittedAt } of all) expect(Math.abs(Date.now() - submittedAt.getTime())).toBeLessThan(60_000)
    expect(await idsOf(queue, { status: 'failed' })).toEqual([second])
    expect(await idsOf(queue, { limit: 2 })).toEqual([fourth, third])
    expect(await idsOf(queue, { limit: 1, status: 'completed' })).toEqual([first])
  })

  test('since includes, until excludes', async () => {
    const { queue, raw } = await setup()
    const at = Date.now() - 1_000_000
    const ids = [0, 1, 2, 3].map((n) => v7({ msecs: at + n * 1000 }))
    for (const id of ids) await raw.objects.put(`inputs/${id}`, Buffer.alloc(0))
    expect(await idsOf(queue, { since: new Date(at + 1000), until: new Date(at + 3000) })).toEqual([ids[2], ids[1]])
    expect(await idsOf(queue, { until: new Date(at) })).toEqual([])
    expect(await idsOf(queue, { since: new Date(at + 3001) })).toEqual([])
  })

  test('is read page by page: each begins after the id that the one before ended with', async () => {
    const { queue, raw } = await setup()
    // Several of one millisecond, as a requester in a hurry makes them.
    const ids = [0, 0, 0, 1, 1].map((n) => v7({ msecs: Date.now() - 5000 + n })).concat('a', 'a-b', 'a.b')
    for (const id of ids) await raw.objects.put(`inputs/${id}`, Buffer.alloc(0))
    const all = await idsOf(queue)
    expect(all.toSorted()).toEqual(ids.toSorted())
    const pages: string[] = []
    for (let page = await idsOf(queue, { limit: 3 }); page.length > 0;) {
      pages.push(...page)
      page = await idsOf(queue, { limit: 3, after: pages.at(-1) })
    }
    expect(pages).toEqual(all)
  })

  test('an empty queue lists nothing, soon', async () => {
    const { queue } = await setup()
    expect(await idsOf(queue)).toEqual([])
  })

  test('with records: results, jobs of metadata alone are listed once they have ended', async () => {
    const { queue } = await setup({ records: 'results' })
    const ended = await queue.submit({ n: 1 })
    await (await nextOf(queue)).complete()
    const withBody = await queue.submit({ n: 2, body: 'x' })
    await queue.submit({ n: 3 })
    expect(await idsOf(queue)).toEqual([withBody.id, ended.id])
  })
})

describe('listing many jobs', () => {
  const { setup } = useStage(onLocal)

  test('every job exactly once, newest first, however they lie in time', async () => {
    const { queue, raw } = await setup()
    const now = Date.now()
    const stretch = fc.record({
      age: fc.integer({ min: 0, max: 40_000_000_000 }),
      span: fc.constantFrom(0, 10, 5000, 10_000_000),
      count: fc.integer({ min: 1, max: 40 }),
    })
    const stretches = fc.sample(stretch, { numRuns: 12, seed: 7 })
    const crowd = { age: 100_000_000, span: 900, count: 2500 }
    const times = [...stretches, crowd].flatMap(({ age, span, count }) =>
      Array.from({ length: count }, (_, n) => now - age - Math.floor((span * n) / count)),
    )
    const ids = times.map((msecs) => v7({ msecs }))
    await Promise.all(ids.map((id) => raw.objects.put(`inputs/${id}`, Buffer.alloc(0))))
    expect(await idsOf(queue)).toEqual(ids.toSorted().toReversed())
    const middle = new Date(now - 100_000_400)
    expect(await idsOf(queue, { since: middle })).toEqual(
      ids
        .filter((id) => id >= v7({ msecs: middle.getTime(), seq: 0, random: new Uint8Array(16) }).slice(0, 13))
        .toSorted()
        .toReversed(),
    )
  })

  test('below a prefix too, and the requesters’ own ids in their order', async () => {
    const { queue, raw } = await setup({ prefix: 'team/a' })
    const own = Array.from({ length: 2100 }, (_, n) => `order-${String(n).padStart(4, '0')}`)
    await Promise.all(own.map((id) => raw.objects.put(`team/a/inputs/${id}`, Buffer.alloc(0))))
    await raw.objects.put('team/b/inputs/other', Buffer.alloc(0))
    const { id } = await queue.submit({ n: 1 })
    expect(await idsOf(queue)).toEqual([id, ...own])
  })

  test('the caller may stop early, or abort', async () => {
    const { queue } = await setup()
    for (let n = 0; n < 3; n += 1) await queue.submit({ n })
    for await (const { status } of queue.list()) {
      expect(status).toBe('pending')
      break
    }
    const reason = new Error('enough')
    await expect(idsOf(queue, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })

  test.each([
    [{ limit: -1 }, 'Expected `limit` to be an integer from 1 to'],
    [{ limit: 1.5 }, 'Expected `limit` to be an integer from 1 to'],
    [
      { status: 'done' },
      'Expected `status` to be one of "pending", "active", "completed", "failed", "cancelled", "expired", got "done"',
    ],
    [{ since: new Date(Number.NaN) }, 'Expected `since` to be a valid Date'],
    [{ until: 'yesterday' }, 'Expected `until` to be a valid Date'],
  ])('refuses %o', async (options, words) => {
    const { queue } = await setup()
    const error = await refusal(idsOf(queue, options as ListJobsOptions))
    expect([error.code, error.message]).toEqual(['INVALID_ARGUMENT', expect.stringContaining(words)])
  })
})
