import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { acceptanceOf, type Selection } from '../../../src/runs/arrays/accept-instance.ts'
import { sendInstances } from '../../../src/runs/arrays/fan-out.ts'
import { fanOutJobId, instanceJobId } from '../../../src/runs/arrays/run-keys.ts'
import { projectEnvironment } from '../../../src/runs/arrays/project-environment.ts'
import { readRun } from '../../../src/runs/arrays/run-record.ts'
import { ended, setup, shell, until } from './setup.ts'

test.skipIf(process.platform === 'win32')(
  'a worker for some jobs leaves the others to another, and they lose no try by it',
  { timeout: 60_000 },
  async () => {
    const { runs } = await setup()
    await using _only = runs.work({ only: ['mine'], executors: ['process'] })
    await runs.submit(shell('exit 0', { name: 'yours', runName: 'yours', retryLimit: 0 }))
    await runs.submit(shell('exit 0', { name: 'mine', runName: 'mine' }))
    expect((await ended(runs, 'mine')).status).toBe('completed')
    expect((await runs.get('yours'))?.pending).toBe('0')
    await using _other = runs.work()
    expect((await ended(runs, 'yours')).indexes).toMatchObject([{ status: 'succeeded', retries: 0 }])
  },
)

test.skipIf(process.platform === 'win32')(
  'a worker for one instance ends when it has run one, and not when it had to wait for its turn',
  { timeout: 60_000 },
  async () => {
    const { runs, directory } = await setup()
    const first = runs.work({ concurrency: 1 })
    const script = `[ $JOB_INDEX = 1 ] || until [ -e ${directory}/go ]; do sleep 0.1; done`
    await runs.submit(shell(script, { parallelism: 1, arrayIndexes: '0' }))
    await until(runs, 'run', ({ running }) => running === '0')
    await runs.submit(shell(script, { parallelism: 1, arrayIndexes: '1', runName: 'next' }))
    const { promise: waited, resolve } = Promise.withResolvers<void>()
    const once = runs.work({ once: true, onEvent: ({ name }) => name === 'released' && resolve() })
    await waited
    // From here on nobody else takes anything.
    const closing = first.close()
    await writeFile(`${directory}/go`, '')
    expect((await ended(runs, 'next')).succeeded).toBe('1')
    await Promise.all([closing, once.done])
  },
)

test.skipIf(process.platform === 'win32')(
  'a worker for one instance does not end with one of a run that was deleted, of which it ran nothing',
  { timeout: 60_000 },
  async () => {
    const { runs, open, queue } = await setup()
    const w = await open()
    await runs.submit(shell('exit 0', { runName: 'deleted' }))
    const run = await readRun(w, 'deleted')
    if (!run) throw new Error('There is no run')
    await sendInstances(w, run, {})
    await runs.delete('deleted')
    const once = runs.work({ once: true })
    await expect.poll(() => queue.status(instanceJobId({ ...run, index: 0 })), { timeout: 20_000 }).toBe('failed')
    await runs.submit(shell('exit 0'))
    await once.done
    expect((await runs.get('run'))?.succeeded).toBe('0')
  },
)

test('what a worker takes goes by the job’s name, by what runs its program, and by its image', async () => {
  const { runs, open } = await setup()
  await runs.submit(shell('exit 0', { runName: 'run-p' }))
  await runs.submit({ name: 'boxed', runName: 'run-c', image: 'registry/team/tool:1' })
  const w = await open()
  const idOf = async (name: string): Promise<string> => {
    const run = await readRun(w, name)
    if (!run) throw new Error(name)
    return instanceJobId({ ...run, index: 0 })
  }
  const [inProcess, inContainer] = [await idOf('run-p'), await idOf('run-c')]
  const answers = async (selection: Selection): Promise<readonly unknown[]> => {
    const accepts = acceptanceOf(open, selection)
    return Promise.all([inProcess, inContainer].map(async (id) => accepts?.({ id })))
  }
  expect(acceptanceOf(open, {})).toBeUndefined()
  expect(await answers({ only: ['job'] })).toEqual([true, false])
  expect(await answers({ only: ['boxed', 'other'] })).toEqual([false, true])
  expect(await answers({ executors: ['process'] })).toEqual([true, false])
  expect(await answers({ executors: ['container'] })).toEqual([false, true])
  expect(await answers({ executors: ['container', 'process'] })).toEqual([true, true])
  expect(await answers({ images: ['registry/team/*'] })).toEqual([true, true])
  expect(await answers({ images: ['registry/other/*'] })).toEqual([true, false])
  expect(await answers({ only: ['boxed'], images: ['registry/other/*'] })).toEqual([false, false])
  const accepts = acceptanceOf(open, { only: ['nobody'] })
  // Sending instances, and what is left of a deleted run, is anybody's.
  const run = await readRun(w, 'run-p')
  expect(await accepts?.({ id: fanOutJobId(run ?? { name: 'a', uid: '' }) })).toBe(true)
  expect(await accepts?.({ id: inProcess })).toBe(false)
  await w.objects.put('runs/newer.json', Buffer.from('{"v":2}'))
  expect(await accepts?.({ id: instanceJobId({ name: 'newer', uid: '0123456789abcdef', index: 0 }) })).toBe(false)
  await runs.delete('run-p')
  expect(await accepts?.({ id: inProcess })).toBe(true)
})

test.each([
  [{ only: [] }, 'Expected `only` to be left out, or to name at least one'],
  [{ only: ['No'] }, 'Expected `name` to be 1 to 63'],
  [{ executors: [] }, 'Expected `executors` to be left out'],
  [{ executors: ['vm'] }, 'Expected `executors` to be `process`, `container` or both, got "vm"'],
  [{ images: [] }, 'Expected `images` to be left out'],
])('a worker that could take nothing is refused: %j', async (options, message) => {
  const { runs } = await setup()
  // @ts-expect-error -- what JavaScript lets through
  expect(() => runs.work(options)).toThrow(message)
})

test.skipIf(process.platform === 'win32')(
  'programs are told of their project: the queue, and what the worker says',
  { timeout: 60_000 },
  async () => {
    const { queue, runs, open } = await setup()
    await using _worker = runs.work({ domain: 'example.com' })
    const environment = [{ kind: 'literal', name: 'CE_REGION', value: 'mine' }] as const
    await runs.submit(shell('env | grep ^CE_ | sort', { environment }))
    await ended(runs)
    const run = await readRun(await open(), 'run')
    const { assets } = await queue.result(run ? instanceJobId({ ...run, index: 0 }) : 'none')
    expect((await assets['stdout']?.text())?.trim().split('\n')).toEqual([
      'CE_API_BASE_URL=',
      'CE_DOMAIN=example.com',
      'CE_JOB=job',
      'CE_JOBRUN=run',
      'CE_PROJECT_ID=remotejobs-jobs',
      'CE_REGION=',
      'CE_SUBDOMAIN=jobs',
    ])
  },
)

test('a project is a bucket, with the folder in it where there is one', async () => {
  const w = { name: 'jobs', home: { bucket: 'b', prefix: 'team/a/' }, region: async () => 'eu-central-1' }
  expect(await projectEnvironment(w, { apiBaseUrl: 'https://example.com' })).toMatchObject({
    CE_PROJECT_ID: 'b/team/a',
    CE_REGION: 'eu-central-1',
    CE_API_BASE_URL: 'https://example.com',
  })
})
