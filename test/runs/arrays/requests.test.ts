import { expect, test } from 'vitest'
import { forEachOf } from '../../../src/for-each-of.ts'
import { sendInstances } from '../../../src/runs/arrays/fan-out.ts'
import { instanceJobId, stateKey } from '../../../src/runs/arrays/run-keys.ts'
import { readRun } from '../../../src/runs/arrays/run-record.ts'
import { Runs } from '../../../src/runs.ts'
import { source } from '../../../src/worker.ts'
import { useCosts } from '../../lifecycle/cost-setup.ts'

const costs = useCosts()

/** How often each request was made. */
function countsOf(requests: readonly string[]): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(requests, (request) => request)].map(([name, all]) => [name, all.length]))
}

test(
  'over S3 and SQS a thousand instances take 116 requests to submit, and four to look at',
  { timeout: 120_000 },
  async () => {
    const { queue, requestsOf } = await costs.setup()
    const runs = new Runs(queue)
    const w = await queue[source].open()
    const submitted = await requestsOf(() =>
      runs.submit({ name: 'a', runName: 'a', command: ['true'], arrayIndexes: '0-999' }),
    )
    // What is run, and before that when to look whether it was sent and whether its time is over.
    expect(countsOf(submitted)).toEqual({ 'PutObject runs': 2, 'SendMessage pending': 1 })
    const run = await readRun(w, 'a')
    if (!run) throw new Error('There is no run')
    const sent = await requestsOf(() => sendInstances(w, run, {}))
    // What is sent, ten at a time; what was sent before, how far it came, and in the end whether the run is still there.
    expect(countsOf(sent)).toEqual({
      'GetObject runs': 2,
      ListObjectsV2: 1,
      'PutObject runs': 10,
      'SendMessageBatch pending': 100,
    })
    expect(submitted.length + sent.length).toBe(116)
    await forEachOf(Array.from({ length: 1000 }).keys().toArray(), 50, async (index) => {
      await w.objects.put(stateKey(run, { index, attempt: 1, state: 'started' }), Buffer.alloc(0))
      await w.objects.put(`results/${instanceJobId({ ...run, index })}.json`, Buffer.from('{}'))
      await w.objects.put(stateKey(run, { index, attempt: 1, state: 'succeeded' }), Buffer.alloc(0))
    })
    let counts: unknown
    const looked = await requestsOf(async () => (counts = (await runs.list())[0]?.counts))
    expect(counts).toMatchObject({ succeeded: 1000, pending: 0 })
    expect(await requestsOf(() => runs.get('a'))).toHaveLength(4)
    expect(looked.length).toBeLessThanOrEqual(6)
  },
)

test('the region that programs are told of is the one that the queue is in', async () => {
  const { queue } = await costs.setup({ region: 'eu-west-2' })
  expect(await (await queue[source].open()).region()).toBe('eu-west-2')
})

test('over S3 all runs are read once, however many jobs a run depends on', async () => {
  const { queue, requestsOf } = await costs.setup()
  const runs = new Runs(queue)
  const names = ['a', 'b', 'c']
  for (const name of names) await runs.submit({ name, runName: `of-${name}`, command: ['true'] })
  const submitted = await requestsOf(() => runs.submit({ name: 'last', command: ['true'], dependsOn: names }))
  // Each name might be a run's; then the three runs there are.
  expect(countsOf(submitted)).toMatchObject({ 'GetObject runs': 6, ListObjectsV2: 1 })
})
