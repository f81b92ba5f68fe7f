import { describe, expect, test } from 'vitest'
import { Runs } from '../../../src/runs.ts'
import { grounds, refusal, useStage } from '../../queue/setup.ts'

describe.each(grounds)('a page of runs, over $ground', ({ start }) => {
  const stage = useStage(start)

  /** All pages, one after the other. */
  async function pagesOf(runs: Runs, options: { readonly job?: string; readonly limit: number }): Promise<string[][]> {
    const found: string[][] = []
    for (let after: string | undefined; ;) {
      const page = await runs.page({ ...options, after })
      found.push(page.runs.map(({ name }) => name))
      if (page.next === undefined) return found
      after = page.next
    }
  }

  test('is followed by others until each run was on one', { timeout: 60_000 }, async () => {
    const { queue } = await stage.setup()
    const runs = new Runs(queue)
    // Names that have each other at their beginning, and what is below each of them.
    const names = ['a', 'a-0', 'a-b', 'a0', 'aab', 'ab', 'b']
    for (const runName of names) await runs.submit({ name: runName, runName, command: ['true'], arrayIndexes: '0-2' })
    for (const limit of [1, 2, 3, 7, 100]) {
      const pages = await pagesOf(runs, { limit })
      expect(pages.flat().toSorted()).toEqual(names.toSorted())
      expect(pages.map((page) => page.length)).toEqual(
        Array.from({ length: Math.ceil(names.length / limit) }, (_, page) =>
          Math.min(limit, names.length - page * limit),
        ),
      )
    }
    const [state] = (await runs.page({ limit: 1 })).runs
    expect(state).toEqual(await runs.get(state?.name ?? ''))
  })

  test('has those of one stored job, and none of a program of its name', async () => {
    const { queue } = await stage.setup()
    const runs = new Runs(queue)
    await runs.jobs.create({ name: 'sum', command: ['true'] })
    for (const runName of ['x', 'y', 'z']) await runs.submit({ job: 'sum', runName })
    await runs.submit({ name: 'sum', runName: 'sum', command: ['true'] })
    expect(await pagesOf(runs, { job: 'sum', limit: 2 })).toEqual([['x', 'y'], ['z']])
    expect(await pagesOf(runs, { job: 'none', limit: 2 })).toEqual([[]])
  })

  test('begins and ends where it can', async () => {
    const { queue } = await stage.setup()
    const runs = new Runs(queue)
    expect((await refusal(runs.page({ limit: 0 }))).message).toContain('`limit`')
    expect((await refusal(runs.page({ limit: 1001 }))).code).toBe('INVALID_ARGUMENT')
    expect((await refusal(runs.page({ after: '../x' }))).message).toContain('`after`')
    expect(await runs.page({ after: 'none' })).toEqual({ runs: [], next: undefined })
  })
})
