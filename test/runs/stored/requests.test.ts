import { expect, test } from 'vitest'
import { Runs } from '../../../src/runs.ts'
import { parseReference } from '../../../src/runs/definition/environment-entry.ts'
import { definitionFrom } from '../../../src/runs/definition/merge.ts'
import { resolveReferences } from '../../../src/runs/stored/resolve.ts'
import { source } from '../../../src/worker.ts'
import { useCosts } from '../../lifecycle/cost-setup.ts'

const costs = useCosts()

test('over S3 a stored job takes two requests more to submit, each reference one, and two when an instance starts', async () => {
  const { queue, requestsOf } = await costs.setup()
  const runs = new Runs(queue)
  const environment = [
    ...parseReference('settings', 'config map', 'env'),
    ...parseReference('settings:B=A', 'config map', 'env'),
    ...parseReference('db', 'secret', 'env'),
  ]
  const mounts = [{ directory: 'db', from: 'secret', name: 'db' }] as const
  const job = { name: 'job', command: ['true'], environment, mounts }
  await queue.ready()
  const created = await requestsOf(() => runs.configMaps.create('settings', { A: '1' }))
  expect(created.toSorted()).toEqual(['ListObjectsV2', 'ListObjectsV2', 'PutObject configmaps'])
  const updated = await requestsOf(() => runs.configMaps.update('settings', { A: '2' }))
  expect(updated.toSorted()).toEqual([
    'GetObject configmaps',
    'ListObjectsV2',
    'ListObjectsV2',
    'PutObject configmaps',
    'PutObject configmaps',
  ])
  await runs.secrets.create('db', { password: 'hush' })
  await runs.jobs.create(job)
  const submitted = await requestsOf(() => runs.submit({ job: 'job', arrayIndexes: '0-99' }))
  expect(submitted.toSorted()).toEqual([
    'GetObject definitions',
    'ListObjectsV2',
    'ListObjectsV2',
    'ListObjectsV2',
    'PutObject runs',
    'PutObject runs',
    'SendMessage pending',
  ])
  const w = await queue[source].open()
  const resolved = await requestsOf(() => resolveReferences(w, definitionFrom(job), {}))
  expect(resolved.toSorted()).toEqual(['GetObject configmaps', 'GetObject secrets', 'ListObjectsV2', 'ListObjectsV2'])
})
