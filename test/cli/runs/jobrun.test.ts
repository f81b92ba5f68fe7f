import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { stateKey } from '../../../src/runs/arrays/run-keys.ts'
import { readRun } from '../../../src/runs/arrays/run-record.ts'
import { source } from '../../../src/worker.ts'
import { type Cli, setup } from '../command.ts'
import { ctrlC, open } from '../terminal.ts'

/** A shell script as a run's program. */
const shell = (script: string): readonly string[] => ['--cmd', 'sh', '--cmd', '-c', '-a', script]
const submit = (name: string, script: string, ...more: readonly string[]): readonly string[] => [
  'jobrun',
  'submit',
  '-n',
  name,
  ...shell(script),
  ...more,
]

/** A worker of runs, until the end of the test. */
function worker(cli: Cli, ...more: readonly string[]) {
  return cli.start(['work', '--runs', '-c', '4', '--lease', '3', '--drain-timeout', '0', ...more])
}

describe.skipIf(process.platform === 'win32')('jobrun', { timeout: 60_000 }, () => {
  test('submit prints the name, and --wait how it ended; its exit status says whether it failed', async () => {
    const cli = await setup()
    const submitted = await cli.run(submit('sums', 'exit 0', '--as', '3'))
    expect(submitted).toEqual({ code: 0, stdout: 'sums\n', stderr: '' })
    const taken = await cli.run(submit('sums', 'exit 0'))
    expect(taken).toEqual({
      code: 8,
      stdout: '',
      stderr: expect.stringMatching(/^error: There is a run "sums" already.*\n$/),
    })
    worker(cli)
    const failed = await cli.run(submit('broken', '[ $JOB_INDEX = 1 ]', '--ai', '0 - 2', '-r', '0', '--wait'))
    expect(failed.code).toBe(10)
    expect(failed.stderr).toBe(
      'error: The run "broken" failed: 0,2 (ContainerExitedCode1); remotejob jobrun logs -n broken\n',
    )
    expect(failed.stdout).toMatch(/^Status +failed$/m)
    expect(failed.stdout).toMatch(/^broken-2-0 +0\/1 +failed +0 +.+ {2}ContainerExitedCode1$/m)
    const json = JSON.parse((await cli.run(submit('fine', 'exit 0', '-w', '-o', 'json'))).stdout)
    expect(json).toMatchObject({ name: 'fine', resource_type: 'job_run_v2', status: 'completed' })
    const late = await cli.run(submit('slow', 'exec sleep 60', '-w', '--wto', '1'))
    expect(late).toMatchObject({ code: 7, stderr: expect.stringContaining('it goes on, and can be waited for again') })
    expect((await cli.run(submit('again', 'exit 1', '-w', '--nw'))).stdout).toBe('again\n')
  })

  test('the commands that it advises are for the same place', async () => {
    const cli = await setup()
    const place = ['--queue', 'team', '--local=elsewhere']
    expect(await cli.run(['jobrun', 'list', ...place])).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/make it with: remotejob provision team --local=elsewhere\n$/),
    })
    worker(cli, ...place)
    expect(await cli.run(submit('broken', 'exit 1', ...place, '-r', '0', '--wait'))).toMatchObject({
      code: 10,
      stderr: expect.stringMatching(/; remotejob jobrun logs -n broken --local=elsewhere --queue=team\n$/),
    })
  })

  test('submit takes no image for a job that has none', async () => {
    const cli = await setup()
    await cli.run(['job', 'create', '-n', 'sum', '--cmd', 'true'])
    expect(await cli.run(['jobrun', 'submit', '--job', 'sum', '-i', 'other'])).toEqual({
      code: 2,
      stdout: '',
      stderr: 'error: Expected --image to be left out, as the job has none, got "other"\n',
    })
    expect((await cli.run(['jobrun', 'list', '-o', 'jsonpath={.job_runs[*].name}'])).stdout).toBe('')
  })

  test('list has Code Engine’s columns, and its API’s form for programs', async () => {
    const cli = await setup()
    await cli.run(submit('b', 'exit 0', '--as', '2'))
    await cli.run(submit('a', 'exit 0'))
    const { stdout } = await cli.run(['jobrun', 'list'])
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/).slice(0, 7))).toEqual([
      ['Name', 'Failed', 'Pending', 'Requested', 'Running', 'Succeeded', 'Unknown'],
      ['a', '0', '1', '0', '0', '0', '0'],
      ['b', '0', '2', '0', '0', '0', '0'],
      [''],
    ])
    const byAge = ['jobrun', 'list', '--sort-by', 'age', '-o', 'jsonpath={.job_runs[*].name}']
    expect((await cli.run(byAge)).stdout).toBe('a b\n')
    const details = ['jobrun', 'get', '-n', 'b', '-o', 'jsonpath={.status_details.pending_indices}']
    expect((await cli.run(details)).stdout).toBe('0-1\n')
    expect((await cli.run(['jobrun', 'list', '--job', 'b', '-o', 'jsonpath={.job_runs[*].name}'])).stdout).toBe('b\n')
  })

  test('resubmit --failed runs what failed, with the size that it had', async () => {
    const cli = await setup()
    worker(cli)
    const script = `echo $JOB_INDEX of $JOB_ARRAY_SIZE; [ -e ${cli.folder}/mended ] || [ $JOB_INDEX != 3 ]`
    await cli.run(submit('first', script, '--as', '5', '-r', '0', '-w'))
    const nameless = await cli.run(['jobrun', 'resubmit', '-j', 'first', '--failed'])
    expect(nameless).toMatchObject({ code: 2, stderr: expect.stringContaining('Expected --name for the new run') })
    await writeFile(join(cli.folder, 'mended'), '')
    const again = ['jobrun', 'resubmit', '-j', 'first', '-n', 'second', '--failed', '-w', '-o', 'json']
    expect(JSON.parse((await cli.run(again)).stdout)).toMatchObject({
      status: 'completed',
      scale_array_spec: '3',
      scale_array_size_variable_override: 5,
    })
    expect((await cli.run(['jobrun', 'logs', '-n', 'second'])).stdout).toBe('second-3-0/first:\n3 of 5\n')
    const nothing = await cli.run(['jobrun', 'resubmit', '-j', 'second', '-n', 'third', '--failed'])
    expect(nothing).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('has no failed index to run again: leave out --failed'),
    })
    const part = ['jobrun', 'resubmit', '-j', 'first', '-n', 'part', '--array-indices', '4-5', '--cc', '--cmd', 'true']
    expect((await cli.run(part)).stdout).toBe('part\n')
    const spec = ['jobrun', 'get', '-n', 'part', '-o', 'jsonpath={.scale_array_spec} {.run_commands[*]}']
    expect((await cli.run(spec)).stdout).toBe('4-5 true\n')
  })

  test('logs have a heading for each instance, or with --raw none; a tail, times, and one instance alone', async () => {
    const cli = await setup()
    worker(cli)
    await cli.run(submit('talk', 'printf "one\\ntwo\\n"; printf three', '--as', '2', '-w'))
    const logs = async (...words: readonly string[]) => (await cli.run(['jobrun', 'logs', ...words])).stdout
    expect(await logs('--jobrun', 'talk')).toBe('talk-0-0/talk:\none\ntwo\nthree\n\ntalk-1-0/talk:\none\ntwo\nthree')
    expect(await logs('--name', 'talk', '--tail', '1', '--raw')).toBe('threethree')
    expect(await logs('-i', 'talk-1-0', '-t', '-1', '--timestamps')).toMatch(
      /^talk-1-0\/talk:\n\S+Z one\n\S+Z two\n\S+Z three$/,
    )
    const lines = (await logs('-n', 'talk', '-o', 'json')).trim().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { instance: 'talk-0-0', container: 'talk', index: 0, retry: 0, stream: 'stdout', text: 'one\ntwo\nthree' },
      { instance: 'talk-1-0' },
    ])
    expect(await logs('-i', 'talk-0-0', '-o', 'jsonpath={.retry} {.text}')).toBe('0 one\ntwo\nthree\n')
    expect(await logs('-i', 'talk-0-0', '-o', 'yaml')).toMatch(/^---\ninstance: talk-0-0$/m)
    for (const [words, why] of [
      [[], 'Expected one of --jobrun and --instance'],
      [['-n', 'talk', '-i', 'talk-0-0'], 'Expected one of --jobrun and --instance'],
      [['-i', 'talk'], 'Expected --instance to be a name such as myrun-1-0'],
    ] as const)
      expect(await cli.run(['jobrun', 'logs', ...words])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(why),
      })
  })

  test('events tell what happened to a run, or to one instance', async () => {
    const cli = await setup()
    worker(cli)
    await cli.run(submit('flaky', '[ $JOB_INDEX_RETRY_COUNT = 1 ]', '-r', '1', '-w'))
    const { stdout } = await cli.run(['jobrun', 'events', '-n', 'flaky'])
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/).filter((_, at) => at !== 2))).toEqual([
      ['Type', 'Reason', 'Source', 'Message'],
      ['Normal', 'submitted', 'run', '-'],
      ['Normal', 'started', 'flaky-0-0', '-'],
      ['Warning', 'failed', 'flaky-0-0', 'ContainerExitedCode1'],
      ['Normal', 'retried', 'flaky-0-1', '-'],
      ['Normal', 'succeeded', 'flaky-0-1', '-'],
      ['Normal', 'finished', 'run', '-'],
      [''],
    ])
    const one = ['jobrun', 'events', '-i', 'flaky-0-1', '-o', 'jsonpath={[*].kind}']
    expect((await cli.run(one)).stdout).toBe('retried succeeded\n')
  })

  test('an instance that there is not has neither logs nor events, and that is said', async () => {
    const cli = await setup()
    await cli.run(submit('later', 'true'))
    const [ahead, stranger] = ['later-0-0', 'later-7-0']
    for (const command of ['logs', 'events'])
      for (const name of [ahead, stranger])
        expect(await cli.run(['jobrun', command, '-i', name])).toEqual({
          code: 3,
          stdout: '',
          stderr: `error: There is no instance "${name}" of the run "later", or not yet\n`,
        })
    worker(cli)
    expect(await cli.run(['jobrun', 'logs', '-f', '-i', ahead])).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(await cli.run(['jobrun', 'logs', '-f', '-i', 'later-0-1'])).toMatchObject({ code: 3, stdout: '' })
    expect(await cli.run(['jobrun', 'logs', '-i', ahead])).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(await cli.run(['jobrun', 'events', '-i', 'later-00-1'])).toMatchObject({ code: 3, stdout: '' })
  })

  test('restart begins what runs anew; delete ends it, after a question or with --force', async () => {
    const cli = await setup()
    worker(cli)
    await cli.run(submit('server', `echo life >> ${cli.folder}/lives; exec sleep 60`, '--mode', 'daemon'))
    const running = ['jobrun', 'get', '-n', 'server', '-o', 'jsonpath={.status_details.running}']
    await expect.poll(async () => (await cli.run(running)).stdout, { timeout: 20_000 }).toBe('1\n')
    expect(await cli.run(['jobrun', 'restart', '-n', 'server'])).toEqual({ code: 0, stdout: '0\n', stderr: '' })
    const restarted = ['jobrun', 'events', '-n', 'server', '-o', 'jsonpath={[*].kind}']
    await expect.poll(async () => (await cli.run(restarted)).stdout, { timeout: 20_000 }).toContain('restarted')
    expect(await cli.run(['jobrun', 'delete', '-n', 'server'])).toMatchObject({
      code: 2,
      stderr: 'error: Nobody is there to confirm it: say --force\n',
    })
    expect(await cli.run(['jobrun', 'delete', '-n', 'server', '-f'])).toEqual({ code: 0, stdout: '', stderr: '' })
    expect((await cli.run(['jobrun', 'get', '-n', 'server'])).code).toBe(3)
    expect((await cli.run(['jobrun', 'delete', '-n', 'server', '-f'])).code).toBe(3)
    expect((await cli.run(['jobrun', 'delete', '-n', 'server', '-f', '--inf'])).code).toBe(0)
    await cli.run(submit('one', 'exit 0'))
    expect((await cli.run(['jobrun', 'delete', '--job', 'one', '-f'])).code).toBe(0)
    expect((await cli.run(['jobrun', 'list', '-o', 'json'])).stdout).toBe('{\n  "job_runs": []\n}\n')
    expect((await cli.run(['jobrun', 'delete', '-f'])).stderr).toContain('Expected one of --name and --job')
  })

  test.each([
    [['jobrun', 'submit', '--cmd', 'true'], 'Expected --name for the run, or --job'],
    [['jobrun', 'submit', '-n', 'x'.repeat(54), '--cmd', 'true'], '1 to 53 lower-case letters'],
    [['jobrun', 'submit', '-n', 'a'], '--image'],
    [['jobrun', 'submit', '-n', 'a', '--cmd', 'true', '--as', '1001'], 'Expected a whole number from 1 to 1000'],
    [['jobrun', 'submit', '-n', 'a', '--cmd', 'true', '--as', '2', '--ai', '1'], 'Choose one of --array-indexes'],
    [['jobrun', 'submit', '-n', 'a', '--cmd', 'true', '--mode', 'daemon', '-r', '1'], 'left out with the mode daemon'],
    [['jobrun', 'submit', '-n', 'a', '--cmd', 'true', '-r', '6'], 'Expected a whole number from 0 to 5'],
    [['work', '--runs', '--', 'true'], 'Expected no program with --runs'],
    [['work', '--runs', '--timeout', '3'], 'Expected no --timeout with --runs'],
    [['work', '--runs', '--executor', 'vm'], 'Expected process or container'],
    [['work'], 'Expected a queue and a program, or --runs'],
    [['work', 'q', '--zip', '--', 'true'], 'Expected no program beside --zip'],
    [['work', 'q', '--zip', '--runs'], 'Expected --runs or --zip, and not both'],
    [['work', 'q', '--max-ratio', '5', '--', 'true'], 'Expected --zip beside --max-ratio'],
    [['work', '--zip'], 'Expected a queue'],
    [['work', 'q', '--only', 'render', '--', 'true'], 'Expected --runs beside --only'],
    [['work', 'q', '--executor', 'container', '--', 'true'], 'Expected --runs beside --executor'],
  ])('%j is refused, and leaves nothing', async (words, why) => {
    const cli = await setup()
    expect(await cli.run(words)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(why) })
    expect((await cli.run(['jobrun', 'list'])).stdout.trim().split('\n').length).toBeLessThan(2)
  })

  test('a job that is stored runs under a name of its own, in a queue of one’s choice', async () => {
    const cli = await setup()
    const place = ['--queue', 'team']
    expect(await cli.run(['jobrun', 'submit', ...place, '--job', 'nobody'])).toMatchObject({ code: 3, stdout: '' })
    const { Runs } = await import('../../../src/runs.ts')
    await new Runs(cli.queue('team')).jobs.create({ name: 'greet', command: ['echo'], arguments: ['hello'] })
    const { stdout } = await cli.run(['jobrun', 'submit', ...place, '--job', 'greet', '-a', 'good', '--arg', 'day'])
    expect(stdout).toMatch(/^greet-jobrun-[0-9a-f]{5}\n$/)
    cli.start(['work', 'team', '--runs', '--only', 'greet', '--drain-timeout', '0'])
    const name = stdout.trim()
    const logs = await cli.run(['jobrun', 'logs', ...place, '-n', name, '-f'])
    expect(logs.stdout).toBe(`${name}-0-0/greet:\ngood day\n`)
    const again = await cli.run(['jobrun', 'resubmit', ...place, '-j', name])
    expect(again.stdout).toMatch(/^greet-jobrun-[0-9a-f]{5}\n$/)
  })

  test('of a run whose time to live is over it is said that it is gone', async () => {
    const cli = await setup()
    worker(cli)
    await cli.run(submit('brief', 'exit 0', '--ttl', '0', '-w'))
    for (const word of ['get', 'logs', 'events', 'restart'])
      expect(await cli.run(['jobrun', word, '-n', 'brief'])).toEqual({
        code: 3,
        stdout: '',
        stderr: 'error: The run "brief" is gone: it had finished, and such runs can be seen for 0 seconds (--ttl)\n',
      })
    expect((await cli.run(['jobrun', 'list', '-o', 'jsonpath={.job_runs[*].name}'])).stdout).toBe('')
  })

  test('work --runs tells which instances begin and end', async () => {
    const cli = await setup()
    await cli.run(submit('told', '[ $JOB_INDEX = 0 ]', '--as', '2', '-r', '0'))
    const { stdout } = await cli.run(['work', '--runs', '--drain', '-o', 'json'])
    const events = stdout
      .trim()
      .split('\n')
      .map((line): Record<string, unknown> => JSON.parse(line))
    const ended = events.filter(
      ({ id, event }) => String(id).startsWith('run.told.') && event !== 'received' && event !== 'started',
    )
    expect(ended.toSorted((a, b) => (String(a['event']) < String(b['event']) ? -1 : 1))).toMatchObject([
      { event: 'completed', attempt: 1, error: null },
      { event: 'failed', attempt: 1, error: expect.stringContaining('ended with exit code 1') },
    ])
  })

  test('work --runs --once takes one instance, and ends', async () => {
    const cli = await setup()
    await cli.run(submit('many', 'exit 0', '--as', '3'))
    const { code } = await cli.run(['work', '--runs', '--once'])
    const succeeded = ['jobrun', 'get', '-n', 'many', '-o', 'jsonpath={.status_details.succeeded}']
    expect([code, (await cli.run(succeeded)).stdout]).toEqual([0, '1\n'])
  })
})

describe.skipIf(process.platform === 'win32')('in a terminal', { timeout: 60_000 }, () => {
  test('submit --wait draws the indexes until they have ended, in place', async () => {
    const cli = await setup()
    worker(cli)
    const script = `until [ -e ${cli.folder}/go ]; do sleep 0.1; done; [ $JOB_INDEX != 3 ]`
    const screen = open(cli, submit('grid', script, '--as', '12', '-r', '0', '--wait'))
    const seen = await screen.sees(/^ 0 {2}>{4}\.{6} \.\.$/m)
    expect(seen).toMatch(/Submitting job run 'grid'\.\.\.\nRun 'remotejob jobrun get -n grid' to check/)
    expect(seen).toMatch(/^OK$/m)
    expect(seen).toMatch(/^\. pending 8 {3}> running 4 {3}\+ succeeded 0 {3}x failed 0$/m)
    await writeFile(join(cli.folder, 'go'), '')
    expect(await screen.ended()).toBe(10)
    expect(screen.text()).toMatch(/^grid {2}failed, \d+ s$/m)
    expect(screen.text()).toMatch(/^ 0 {2}\+{3}x\+{6} \+\+$/m)
    expect(screen.text()).toMatch(/^ContainerExitedCode1: 3$/m)
    expect(screen.text().match(/pending/g)).toHaveLength(1)
  })

  test('on a small screen those indexes are drawn that go on, and in the end all', async () => {
    const cli = await setup()
    await cli.run(submit('many', 'exit 0', '--as', '500', '-r', '0'))
    const w = await cli.queue('runs')[source].open()
    const run = (await readRun(w, 'many')) ?? expect.fail('no run')
    const note = async (state: 'started' | 'succeeded', from: number, to: number) => {
      for (let index = from; index < to; index += 1)
        await w.objects.put(stateKey(run, { index, attempt: 1, state }), Buffer.alloc(0))
    }
    await note('succeeded', 0, 220)
    await note('started', 220, 230)
    const screen = open(cli, ['jobrun', 'get', '-n', 'many'], {}, { cols: 40, rows: 14 })
    const seen = await screen.sees(/^240 {2}\.{10} \.{10} \.{10}$/m)
    expect(seen).toMatch(
      /^many {2}running, \d+ s\n\n\(180 above\)\n180 {2}\+{10} \+{10} \+{10}\n210 {2}\+{10} >{10} \.{10}$/m,
    )
    expect(seen).toMatch(/^\(\d+ below\)\n\n\. pending 270 {3}> running 10/m)
    await note('succeeded', 220, 500)
    expect(await screen.ended()).toBe(0)
    const end = stripVTControlCharacters(screen.raw()).split('completed').at(-1) ?? ''
    expect(end.match(/^ *\d+ {2}\++/gm)).toHaveLength(17)
    expect(end).toContain('succeeded 500')
  })

  test('get draws a run that goes on; Ctrl-C ends that and not the run', async () => {
    const cli = await setup()
    await cli.run(submit('long', 'exec sleep 60', '--ai', '7,2000000'))
    const screen = open(cli, ['jobrun', 'get', '-n', 'long'])
    await screen.sees(/^ {6}7 {2}\.\.$/m)
    worker(cli)
    await screen.sees(/^ {6}7 {2}>>$/m)
    screen.type(ctrlC)
    expect(await screen.ended()).toBe(0)
    const once = open(cli, ['jobrun', 'get', '-n', 'long', '--nw', '--no-color'])
    expect(await once.ended()).toBe(0)
    expect(once.text()).toMatch(/^long-2000000-0 +1\/1 +running/m)
  })

  test('FAILED is said before the reason', async () => {
    const cli = await setup()
    await cli.run(submit('twice', 'exit 0'))
    const screen = open(cli, submit('twice', 'exit 0'))
    expect(await screen.ended()).toBe(8)
    expect(screen.text()).toMatch(/^Submitting job run 'twice'\.\.\.\nFAILED\nerror: There is a run "twice" already/)
  })

  test('Ctrl-C ends the waiting and not the run', async () => {
    const cli = await setup()
    const screen = open(cli, submit('patient', 'exit 0', '-w'))
    await screen.sees(/^0 {2}\.$/m)
    screen.type(ctrlC)
    expect(await screen.ended()).toBe(130)
    expect(screen.text()).toContain('the run goes on: remotejob jobrun get -n patient')
  })
})

test('work --runs gives back what it runs when it is told to stop', { timeout: 60_000 }, async () => {
  const cli = await setup()
  await cli.run(submit('gone', 'exec sleep 60', '-r', '0'))
  const first = worker(cli)
  const running = ['jobrun', 'get', '-n', 'gone', '-o', 'jsonpath={.status_details.running}']
  await expect.poll(async () => (await cli.run(running)).stdout, { timeout: 20_000 }).toBe('1\n')
  first.kill('SIGTERM')
  const [code] = await once(first, 'exit')
  expect(code).toBe(0)
  const retries = ['jobrun', 'get', '-n', 'gone', '-o', 'jsonpath={.status_details.failed}']
  expect((await cli.run(retries)).stdout).toBe('0\n')
})

test('work --runs says once that a process is not held to processors and memory', { timeout: 60_000 }, async () => {
  const cli = await setup()
  const working = worker(cli)
  const said = text(working.stderr)
  await cli.run(submit('usual', 'exit 0', '--wait'))
  await cli.run(submit('large', 'exit 0', '--cpu', '2', '-m', '8G', '--as', '2', '--wait'))
  working.kill('SIGTERM')
  expect((await said).match(/^warning: .*/gm)).toEqual([
    'warning: The processors and memory of the job "large" are no limits: only a container is held to them, not a process',
  ])
})

test('work --runs gives a program that has to end as long as --grace says', { timeout: 60_000 }, async () => {
  const cli = await setup()
  const script = `trap 'sleep 2; echo >> ${cli.folder}/spared' TERM; echo > ${cli.folder}/begun; while :; do sleep 0.1; done`
  await cli.run(submit('deaf', script))
  const given = worker(cli, '--grace', '0')
  await expect.poll(() => existsSync(join(cli.folder, 'begun')), { timeout: 20_000 }).toBe(true)
  given.kill('SIGTERM')
  expect((await once(given, 'exit'))[0]).toBe(0)
  await rm(join(cli.folder, 'begun'))
  const patient = worker(cli, '--grace', '4')
  await expect.poll(() => existsSync(join(cli.folder, 'begun')), { timeout: 20_000 }).toBe(true)
  patient.kill('SIGTERM')
  expect((await once(patient, 'exit'))[0]).toBe(0)
  expect(await readFile(join(cli.folder, 'spared'), 'utf8')).toBe('\n')
  expect(await cli.run(['work', '--runs', '--grace', '3600'])).toMatchObject({
    code: 2,
    stderr: 'error: Expected --grace to be a number of seconds from 0 to 3595, got 3600\n',
  })
})
