import { expect, test } from 'vitest'
import type { RunRecord } from '../../../src/runs/arrays/run-record.ts'
import { setup, textsBelow } from './setup.ts'

const job = { name: 'render', command: ['render'], environment: [{ kind: 'literal', name: 'A', value: '1' }] } as const

test('a definition is stored whole, read, listed and deleted', async () => {
  const { runs } = await setup()
  const stored = await runs.jobs.create(job)
  expect(stored).toMatchObject({ name: 'render', version: 1, definition: { ...job, retryLimit: 3, mode: 'task' } })
  expect(await runs.jobs.get('render')).toEqual({ ...stored, updatedAt: expect.any(Date) })
  await runs.jobs.create({ ...job, name: 'paint' })
  expect((await runs.jobs.list()).map(({ name }) => name)).toEqual(['paint', 'render'])
  await expect(runs.jobs.create(job)).rejects.toMatchObject({ code: 'ID_IN_USE' })
  expect([await runs.jobs.delete('render'), await runs.jobs.delete('render')]).toEqual([true, false])
  expect(await runs.jobs.get('render')).toBeUndefined()
})

test('what no job can be is refused, and nothing is stored', async () => {
  const { runs, objects } = await setup()
  for (const [given, message] of [
    [{ ...job, name: 'Render' }, '`name` to be 1 to 63 lower-case letters'],
    [{ ...job, arguments: ['x'.repeat(10_240)] }, 'a definition of at most 10240 bytes'],
    [{ ...job, retryLimit: 6 }, '`retryLimit`'],
    [{ name: 'render' }, 'Expected an `image`'],
  ] as const)
    await expect(runs.jobs.create(given)).rejects.toThrow(message)
  for (const name of ['', '../runs', 'a/b', 'x'.repeat(64)])
    await expect(runs.jobs.get(name)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  expect((await objects.list('')).objects).toEqual([])
})

test('an update merges environments and replaces the rest, or makes a new definition of the old one', async () => {
  const { runs } = await setup()
  await runs.jobs.create(job)
  const environment = [{ kind: 'literal', name: 'B', value: '2' }] as const
  const { version } = await runs.jobs.update('render', { retryLimit: 0, environment })
  expect(await runs.jobs.get('render')).toMatchObject({
    version: 2,
    definition: { retryLimit: 0, environment: [...job.environment, ...environment] },
  })
  await runs.jobs.update('render', (before) => ({ ...before, name: 'other', environment: [] }), { version })
  expect(await runs.jobs.get('render')).toMatchObject({ version: 3, definition: { name: 'render', environment: [] } })
  await expect(runs.jobs.update('render', { retryLimit: 1 }, { version })).rejects.toMatchObject({ code: 'CONFLICT' })
  await expect(runs.jobs.update('render', { retryLimit: 9 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  await expect(runs.jobs.update('render', (old) => ({ ...old, cpu: 99 }))).rejects.toThrow('`cpu`')
  await expect(runs.jobs.update('paint', {})).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect((await runs.jobs.get('render'))?.version).toBe(3)
})

test('a run is made from a stored job and what it says itself, and a later change of the job changes no run', async () => {
  const { runs, objects } = await setup()
  await runs.jobs.create({ ...job, image: 'painter' })
  const name = await runs.submit({
    job: 'render',
    arrayIndexes: '0-1',
    environment: [{ kind: 'literal', name: 'A', value: '2' }],
  })
  expect(name).toMatch(/^render-jobrun-[0-9a-f]{5}$/)
  await runs.jobs.update('render', { command: ['paint'] })
  const [record] = Object.values(await textsBelow(objects, `runs/${name}.json`))
  expect(JSON.parse(record ?? '') as RunRecord).toMatchObject({
    job: 'render',
    definition: { name: 'render', command: ['render'], arrayIndexes: '0-1', environment: [{ name: 'A', value: '2' }] },
  })
  expect(await runs.get(name)).toMatchObject({ jobName: 'render', pending: '0-1' })
  await expect(runs.submit({ job: 'paint' })).rejects.toThrow('There is no job "paint"')
  await expect(runs.submit({ job: 'render', image: 'other' })).rejects.toThrow('`image` to be the job\'s, "painter"')
})

test('the runs of a job go with it, unless they are to stay; those of others stay', async () => {
  const { runs } = await setup()
  await runs.jobs.create(job)
  await runs.submit({ job: 'render', runName: 'one', arrayIndexes: '0-3' })
  await runs.submit({ ...job, runName: 'inline' })
  await runs.jobs.delete('render', { orphanJobRuns: true })
  expect(await runs.get('one')).toBeDefined()
  await runs.jobs.create(job)
  await runs.submit({ job: 'render', runName: 'two' })
  await runs.jobs.delete('render')
  expect(await Promise.all(['one', 'two', 'inline'].map(async (name) => (await runs.get(name))?.jobName))).toEqual([
    undefined,
    undefined,
    'render',
  ])
})

test('runs are found among thousands of states', async () => {
  const { runs, objects } = await setup()
  await runs.jobs.create(job)
  for (const runName of ['a', 'a-b', 'a0']) await runs.submit({ job: 'render', runName, arrayIndexes: '0-999' })
  const { uid } = JSON.parse(Object.values(await textsBelow(objects, 'runs/a.json'))[0] ?? '') as RunRecord
  for (let index = 0; index < 1000; index += 1) await objects.put(`runs/a/${uid}/${index}/1-started`, Buffer.alloc(0))
  await runs.jobs.delete('render')
  expect((await objects.list('runs/')).objects).toEqual([])
})
