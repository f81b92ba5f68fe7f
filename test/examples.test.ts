import { execFile } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { useExamples } from './examples/program.ts'
import { saveNamed, snippetsOf } from './fresh-project.ts'

const setup = useExamples()

test('a requester and a worker in two processes, and the worker stops on SIGTERM', async () => {
  const { folder, start, run } = await setup()
  const letter = 'Dear reader, '.repeat(10_000)
  await writeFile(join(folder, 'letter.txt'), letter)
  const worker = start('../examples/worker.ts')
  const said = await run('../examples/requester.ts', 'letter.txt')
  worker.kill('SIGTERM')
  expect(await worker.output()).toEqual(['waiting for jobs', expect.stringMatching(/^completed [0-9a-f-]{36}$/)])
  expect(said[1]).toMatch(/^letter\.txt\.gz: \d+ bytes, at attempt 1$/)
  expect(gunzipSync(await readFile(join(folder, 'letter.txt.gz'))).toString()).toBe(letter)
})

test('a worker that is killed in the middle of its job leaves it to the next', { timeout: 60_000 }, async () => {
  const { folder, start } = await setup()
  await saveNamed('docs/tutorial/first-job.md', folder)
  await writeFile(join(folder, 'quiet.txt'), 'this was a whisper\n')
  const first = start('worker.ts')
  const requester = start('requester.ts')
  await first.says('attempt 1 at quiet.txt in English')
  first.kill('SIGKILL')
  const second = start('worker.ts')
  await second.says('attempt 2 at quiet.txt in English')
  expect(await requester.output()).toEqual([expect.stringMatching(/^submitted /), 'completed at attempt 2'])
  expect(await readFile(join(folder, 'loud.txt'), 'utf8')).toBe('THIS WAS A WHISPER\n')
  expect(await start('jobs.ts').output()).toEqual([expect.stringMatching(/^[0-9a-f-]{36} completed /)])
})

test.skipIf(process.platform === 'win32')('the code of the README and its commands, as they are printed', async () => {
  const { folder } = await setup()
  await saveNamed('README.md', folder)
  const commands = (await snippetsOf('README.md')).find(({ code }) => code.includes('node worker.ts'))?.code ?? ''
  const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env['PATH']}`, NODE_OPTIONS: '' }
  const leaveNothing = "trap 'kill $! 2>/dev/null || true' EXIT\n"
  await promisify(execFile)('sh', ['-e', '-c', leaveNothing + commands], { cwd: folder, env })
  expect(gunzipSync(await readFile(join(folder, 'letter.txt.gz'))).toString()).toBe('Dear reader\n')
})

test('nothing but the title and one sentence stands above eight lines of requester and eight of worker', async () => {
  const [requester, worker] = await snippetsOf('README.md')
  expect(await readFile('README.md', 'utf8')).toMatch(
    /^# remotejob\n\n[^.\n]+\.\n\n```ts requester\.ts\n[^`]+```\n\n```ts worker\.ts\n/,
  )
  for (const snippet of [requester, worker]) expect(snippet?.code.match(/^.+$/gm)).toHaveLength(8)
})

test('both ends in one process, in a folder', async () => {
  const { folder, run } = await setup()
  expect(await run('../examples/local.ts')).toEqual([
    expect.stringMatching(/^took [0-9a-f-]{36}: \{"language":"en"\}$/),
    'completed { letters: 5 } HELLO',
  ])
  expect(await readdir(folder)).toEqual(['.remotejob'])
})

test('a job for later: it waits, however often it is asked for, and can be cancelled', async () => {
  const { run } = await setup()
  expect(await run('../examples/later.ts')).toEqual([
    'report-2027-01 is pending',
    "done { month: '2026-12' }",
    'cancelled: true',
  ])
})

test('a program for each object that is written, which is told of it and writes a result', async () => {
  const { run } = await setup()
  const result = { type: 'com.ibm.cloud.cos.document.write', language: 'en' }
  expect(await run('../examples/object-event.ts')).toEqual([
    JSON.stringify({ ...result, words: 4 }),
    JSON.stringify({ ...result, words: 2 }),
    "[ 'count', 'count' ]",
  ])
})

test('a schedule: made, listed, paused, resumed and deleted beside a worker that is a scheduler', async () => {
  const { run } = await setup()
  expect(await run('../examples/schedule.ts')).toEqual([
    'asked for by hand',
    'nightly 30 2 * * MON-FRI Europe/Zurich { paused: false }',
    'rests: true',
    'deleted: true',
  ])
})

test('metadata with a schema: typed, completed with defaults, and refused where it does not fit', async () => {
  const { run } = await setup()
  const [completed, refused, ...more] = await run('../examples/typed-metadata.ts')
  expect(completed).toBe('completed at 320 px as png')
  expect(refused).toMatch(/^INVALID_ARGUMENT: .*`metadata\.width`/)
  expect(more).toEqual([])
})

test(
  'a container does all that is in the queue, and ends when it has been empty for a long poll',
  { timeout: 60_000 },
  async () => {
    const { run } = await setup()
    const said = await run('../examples/batch-container.ts')
    expect(said).toEqual(["[ 'completed', 'completed', 'completed', 'failed' ]"])
  },
)

test('a large file goes through as a stream', async () => {
  const { run } = await setup()
  const lines = await run('../examples/streaming-a-large-file.ts', '48')
  expect(lines).toEqual([
    expect.stringMatching(/^sha256 [0-9a-f]{64} of what came back$/),
    expect.stringMatching(/^48 MiB became 2\d\.\d MiB$/),
    expect.stringMatching(/^peak memory \d+ MiB$/),
  ])
})

test.skipIf(process.platform === 'win32')(
  'a program: what it prints comes back, and its failure is the job’s',
  async () => {
    const { run } = await setup()
    const [first, second, third, , failure, stderr] = await run('../examples/run-a-program.ts')
    expect([first, second, third]).toEqual(['pear', 'fig', 'apple'])
    expect(failure).toBe('ContainerExitedCode2')
    expect(stderr).toContain('no-such-option')
  },
)

test('a third party hears of a finished job', async () => {
  const { run } = await setup()
  expect(await run('../examples/finished-jobs.ts')).toEqual([
    expect.stringMatching(/^\{ customer: 7 \} completed at attempt 1 /),
    'report.txt (text/plain): all is well',
    'log.txt (text/plain): nothing to see',
  ])
})

test('the same id twice is one job', async () => {
  const { run } = await setup()
  expect(await run('../examples/own-ids.ts')).toEqual(['true', 'written written', 'undefined', 'ID_IN_USE'])
})

test('a cancelled job stops its worker', async () => {
  const { run } = await setup()
  expect(await run('../examples/cancel.ts')).toEqual([
    'active',
    'cancelled: true',
    'stopped: ALREADY_SETTLED',
    expect.stringMatching(/^Job "[0-9a-f-]{36}" is cancelled already/),
    'true',
  ])
})

test.skipIf(process.platform === 'win32')(
  'a file is divided among the ten indexes of an array',
  { timeout: 60_000 },
  async () => {
    const { run } = await setup()
    expect(await run('../examples/split-a-file.ts')).toEqual(['completed: 0-9', '6000 words'])
  },
)

test.skipIf(process.platform === 'win32')(
  'a daemon begins again after a failure, and ends with its run',
  { timeout: 60_000 },
  async () => {
    const { run } = await setup()
    expect(await run('../examples/daemon.ts')).toEqual([
      '0-0: life 0 begins',
      '0-1: life 1 begins',
      'running',
      'undefined',
    ])
  },
)

test.skipIf(process.platform === 'win32')(
  'a program has its configuration and its secret, and what is changed counts from the next run on',
  { timeout: 60_000 },
  async () => {
    const { run } = await setup()
    expect(await run('../examples/configuration.ts')).toEqual([
      'Hello Ada and Grace, with a token of 17 letters',
      'Good morning Ada and Grace, with a token of 17 letters',
      "secret: [ 'token' ]",
    ])
  },
)

test('a configuration of SlimFaas and a run of it, as its documentation has them', { timeout: 60_000 }, async () => {
  const { run } = await setup()
  expect(await run('../examples/slimfaas.ts')).toEqual([
    'fibonacci: a run at each 0 0 * * *',
    'fibonacci: not as much as asked for of Limits.cpu',
    'The processors and memory of the job "fibonacci" are no limits: only a container is held to them, not a process',
    'completed, stdout: 6765',
  ])
})

test('every example is run by a test', async () => {
  const examples = (await readdir('examples')).filter((name) => name.endsWith('.ts'))
  const files = ['test/examples.test.ts', 'test/examples/gateway.test.ts', 'test/examples/lambda.test.ts']
  const tests = (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('')
  expect(examples.length).toBeGreaterThan(8)
  expect(examples.filter((name) => !tests.includes(`../examples/${name}'`))).toEqual([])
})
