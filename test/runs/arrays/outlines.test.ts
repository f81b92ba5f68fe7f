import { expect, test } from 'vitest'
import { forEachOf } from '../../../src/for-each-of.ts'
import { goneKey, runKey, stateKey } from '../../../src/runs/arrays/run-keys.ts'
import { Runs } from '../../../src/runs.ts'
import { source } from '../../../src/worker.ts'
import { useCosts } from '../../lifecycle/cost-setup.ts'
import { ended, setup, shell } from './setup.ts'

const costs = useCosts()
const uid = '0123456789abcdef'

test('outlines tell which runs there are, when they were submitted, and which of them began', async () => {
  const { runs } = await setup()
  const before = Date.now()
  for (const runName of ['b', 'b-2', 'c']) await runs.submit(shell('true', { runName }))
  await using _worker = runs.work()
  await ended(runs, 'c')
  await runs.submit(shell('true', { runName: 'd', dependsOn: ['http://127.0.0.1:9/'] }))
  await ended(runs, 'b')
  await ended(runs, 'b-2')
  const all = await Array.fromAsync(runs.outlines())
  expect(all.map(({ name, isBegun }) => [name, isBegun])).toEqual([
    ['b-2', true],
    ['b', true],
    ['c', true],
    ['d', false],
  ])
  for (const { submittedAt } of all) expect(submittedAt.getTime()).toBeGreaterThanOrEqual(before - 1000)
  expect((await Array.fromAsync(runs.outlines({ prefix: 'b-' }))).map(({ name }) => name)).toEqual(['b-2'])
  expect((await runs.list({ prefix: 'b' })).map(({ name }) => name)).toEqual(['b', 'b-2'])
})

test('outlines are listed in steps, each behind the name at which the one before ended', async () => {
  const { runs } = await setup()
  for (const runName of ['b', 'b-2', 'b0', 'c', 'd']) await runs.submit(shell('true', { runName }))
  const steps: string[][] = []
  for (let after: string | undefined; ;) {
    const outlines = runs.outlines({ after, limit: 2 })
    const names: string[] = []
    let step = await outlines.next()
    for (; !step.done; step = await outlines.next()) names.push(step.value.name)
    steps.push(names)
    after = step.value
    if (after === undefined) break
  }
  expect(steps).toEqual([['b-2', 'b'], ['b0', 'c'], ['d']])
  await expect(runs.outlines({ after: 'b/c' }).next()).rejects.toThrow('after')
})

test('a run that is gone has no outline, and one that has its name anew has', async () => {
  const { runs, open } = await setup()
  const w = await open()
  for (const name of ['gone', 'new']) {
    await w.objects.put(runKey(name), Buffer.from('{}'))
    await w.objects.put(goneKey({ name, uid }), Buffer.alloc(0))
  }
  // What a deletion left that broke off is older than the run.
  await new Promise((resolve) => setTimeout(resolve, 5))
  await w.objects.put(runKey('new'), Buffer.from('{}'))
  expect(await Array.fromAsync(runs.outlines())).toMatchObject([{ name: 'new', isBegun: false }])
})

test(
  'over S3 a thousand runs take a request for 333 of them, those that are gone too, and no more than the limit is looked at',
  { timeout: 120_000 },
  async () => {
    const { queue, requestsOf } = await costs.setup()
    const runs = new Runs(queue)
    const w = await queue[source].open()
    const names = Array.from({ length: 1000 }, (_, index) => `run-${String(index).padStart(4, '0')}`)
    await forEachOf(names, 50, async (name, index) => {
      await w.objects.put(runKey(name), Buffer.from('{}'))
      await w.objects.put(`runs/${name}.sent/${uid}/000000`, Buffer.alloc(0))
      const mark =
        index % 2 === 0 ? goneKey({ name, uid }) : stateKey({ name, uid }, { index: 0, attempt: 1, state: 'started' })
      await w.objects.put(mark, Buffer.alloc(0))
    })
    const seen: string[] = []
    const requests = await requestsOf(async () => {
      for await (const { name, isBegun } of runs.outlines()) if (isBegun) seen.push(name)
    })
    expect(seen).toEqual(names.filter((_, index) => index % 2 === 1))
    expect(requests).toEqual(['ListObjectsV2', 'ListObjectsV2', 'ListObjectsV2'])
    const some = await requestsOf(async () => {
      expect(await Array.fromAsync(runs.outlines({ limit: 100 }))).toHaveLength(50)
    })
    expect(some).toEqual(['ListObjectsV2'])
  },
)
