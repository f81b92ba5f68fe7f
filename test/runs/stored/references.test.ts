import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { describe, expect, test, vi } from 'vitest'
import { JobFailedError, type JobResult, type Queue } from '../../../src/index.ts'
import { textsOf } from '../programs/setup.ts'
import type { EnvironmentEntry, InlineRun } from '../../../src/runs.ts'
import { parseLiteral, parseReference } from '../../../src/runs/definition/environment-entry.ts'
import { ended, setup, textsBelow } from './setup.ts'

const shell = (script: string, more: Partial<InlineRun> = {}): InlineRun => ({
  name: 'job',
  command: ['sh', '-c', script],
  runName: 'run',
  retryLimit: 0,
  ...more,
})
const secret = (text: string): readonly EnvironmentEntry[] => parseReference(text, 'secret', 'env')
const config = (text: string): readonly EnvironmentEntry[] => parseReference(text, 'config map', 'env')

/** The result of the first instance of the only run, however it ended. */
async function resultOf(queue: Queue, runs: Record<string, string>): Promise<JobResult> {
  const { uid } = JSON.parse(Object.values(runs)[0] ?? '') as { uid: string }
  try {
    return await queue.result(`run.run.${uid}.0`)
  } catch (error) {
    if (error instanceof JobFailedError && error.result) return error.result
    throw error
  }
}

test('what is not there is named at submit, for stored jobs too, unless it may come later', async () => {
  const { runs, objects } = await setup()
  const missing = shell('exit 0', { environment: secret('db') })
  await expect(runs.submit(missing)).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: expect.stringContaining('There is no secret "db"'),
  })
  const mounts = [{ directory: 'app', from: 'config map', name: 'settings' }] as const
  await expect(runs.submit(shell('exit 0', { mounts }))).rejects.toThrow('There is no config map "settings"')
  const { runName: _, ...job } = missing
  await expect(runs.jobs.create(job)).rejects.toThrow('There is no secret "db"')
  expect((await objects.list('')).objects).toEqual([])
  await runs.jobs.create(job, { force: true })
  await expect(runs.jobs.update('job', { mounts })).rejects.toThrow('There is no secret "db"')
  await expect(runs.submit({ job: 'job' })).rejects.toThrow('There is no secret "db"')
  expect(await runs.submit({ job: 'job', runName: 'run' }, { force: true })).toBe('run')
})

describe.skipIf(process.platform === 'win32')('a program', { timeout: 60_000 }, () => {
  test('has values as variables, in the order of the definition, where the last of one name counts', async () => {
    const { queue, runs, objects } = await setup()
    await runs.configMaps.create('settings', {
      A: 'a',
      B: 'b b\n"',
      'app.conf': 'c',
      '1': 'd',
      bytes: Buffer.from('x'),
    })
    await runs.secrets.create('db', { password: "it's", B: 'secret b', JOB_MODE: 'none' })
    await using _worker = runs.work()
    const environment = [
      parseLiteral('A=literal'),
      parseLiteral('C=literal'),
      ...config('settings'),
      ...config('P_=settings'),
      ...secret('db:PGPASSWORD=password,B,JOB_MODE'),
      parseLiteral('P_A=late'),
    ]
    await runs.submit(shell('env', { environment }))
    await ended(runs, 'run')
    const { stdout = '' } = await textsOf(await resultOf(queue, await textsBelow(objects, 'runs/run.json')))
    for (const line of [
      'A=a',
      'B=secret b',
      'C=literal',
      'P_A=late',
      'P_B=b b\n"',
      'P_1=d',
      "PGPASSWORD=it's",
      'JOB_MODE=task',
      'bytes=x',
    ])
      expect(`\n${stdout}`).toContain(`\n${line}\n`)
    expect(stdout).not.toMatch(/^(?:1|password)=/m)
  })

  test('finds files below $JOB_MOUNTS_DIR that only its user can read, and they go with it', async () => {
    const { queue, runs, objects } = await setup()
    await runs.configMaps.create('settings', { 'app.conf': 'a=1', bytes: Buffer.from([1, 0xfe]) })
    await runs.secrets.create('tls', { 'key.pem': 'line\nline\n' })
    await using _worker = runs.work()
    const mounts = [
      { directory: 'app/conf', from: 'config map', name: 'settings' },
      { directory: 'tls/', from: 'secret', name: 'tls' },
    ] as const
    const script =
      'cd "$JOB_MOUNTS_DIR" && pwd && find . -type f | sort | xargs stat -c "%a %s %n" && cat tls/key.pem && stat -c %a "$JOB_DIR"'
    await runs.submit(shell(script, { mounts }))
    await ended(runs, 'run')
    const { stdout = '' } = await textsOf(await resultOf(queue, await textsBelow(objects, 'runs/run.json')))
    const [folder, ...lines] = stdout.trim().split('\n')
    expect(lines).toEqual([
      '400 3 ./app/conf/app.conf',
      '400 2 ./app/conf/bytes',
      '400 10 ./tls/key.pem',
      'line',
      'line',
      '700',
    ])
    await vi.waitFor(() => expect(() => readdirSync(folder ?? '')).toThrow('ENOENT'), { timeout: 20_000 })
  })

  test.each([
    ['a secret', 'SecretNotFound', 'The secret "db" is not there', { environment: secret('db') }],
    ['a key', 'ConfigMapNotFound', 'The config map "settings" has no key "b"', { environment: config('settings:b') }],
    [
      'a key of every object',
      'ConfigMapNotFound',
      'has no key "toString"',
      { environment: config('settings:toString') },
    ],
    ['text', 'ConfigMapNotReadable', 'under "raw" that no variable can have', { environment: config('settings:raw') }],
    ['room', 'ConfigMapNotReadable', 'under "large" that no variable', { environment: config('settings:large') }],
    [
      'a mounted secret',
      'SecretNotFound',
      'The secret "db" is not there',
      { mounts: [{ directory: 'a', from: 'secret', name: 'db' }] as const },
    ],
  ])('without %s fails as %s and is not started', async (_, reason, message, more) => {
    const { queue, runs, objects } = await setup()
    await runs.configMaps.create('settings', { a: '1', raw: Buffer.from([0xff]), large: 'x'.repeat(200_000) })
    await using _worker = runs.work()
    await runs.submit(shell('echo started > "$JOB_OUTPUT_DIR/sign"', more), { force: true })
    expect((await ended(runs, 'run')).indexes[0]).toMatchObject({ status: 'failed', lastFailureReason: reason })
    const result = await resultOf(queue, await textsBelow(objects, 'runs/run.json'))
    expect([result.error?.message, Object.keys(result.assets)]).toEqual([expect.stringContaining(message), []])
  })

  test('gets a secret that came while it was tried again', async () => {
    const { runs } = await setup()
    await using _worker = runs.work()
    await runs.submit(shell('[ "$password" = hush ]', { environment: secret('db'), retryLimit: 5 }), { force: true })
    await vi.waitFor(async () => expect((await runs.get('run'))?.indexes[0]?.lastFailureReason).toBeDefined(), 20_000)
    await runs.secrets.create('db', { password: 'hush' })
    expect(await ended(runs, 'run')).toMatchObject({ status: 'completed' })
  })

  test.skipIf(process.platform !== 'linux')(
    'that has secrets leaves them nowhere but where they are: not in records, logs, errors, events or arguments',
    async () => {
      const { queue, runs, objects } = await setup()
      await runs.secrets.create('db', { password: 'hush-1', nul: 'hush-2\0', key: 'hush-3\n' })
      const events: unknown[] = []
      await using _worker = runs.work({ onEvent: (event) => void events.push(event) })
      const mounts = [{ directory: 'db', from: 'secret', name: 'db' }] as const
      const environment = secret('db:password,key')
      const script = 'echo up; while ! [ -e "$JOB_MOUNTS_DIR/stop" ]; do sleep 0.1; done; exit 3'
      await runs.submit(shell(script, { environment, mounts, runName: 'run' }))
      const id = await vi.waitUntil(() => processWith('password=hush-1'), { timeout: 20_000 })
      for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
        expect(readOrNothing(`/proc/${pid}/cmdline`)).not.toContain('hush-')
      const directory = /\0JOB_MOUNTS_DIR=([^\0]+)/.exec(readOrNothing(`/proc/${id}/environ`))?.[1]
      writeFileSync(`${directory}/stop`, '')
      await ended(runs, 'run')
      const result = await resultOf(queue, await textsBelow(objects, 'runs/run.json'))
      expect(result.error?.message).toContain('ended with exit code 3')
      await runs.submit(shell('exit 0', { environment: secret('db'), runName: 'other' }))
      expect((await ended(runs, 'other')).indexes[0]?.lastFailureReason).toBe('SecretNotReadable')
      const all = Object.entries(await textsBelow(objects, '')).filter(([key]) => !key.startsWith('secrets/'))
      expect(all.length).toBeGreaterThan(5)
      expect(inspect([all, result, events], { depth: 9, showHidden: true, maxStringLength: null })).not.toContain(
        'hush-',
      )
    },
  )
})

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

/** The id of a process that has a variable. */
function processWith(variable: string): string | undefined {
  return readdirSync('/proc').find((name) => readOrNothing(`/proc/${name}/environ`).split('\0').includes(variable))
}
