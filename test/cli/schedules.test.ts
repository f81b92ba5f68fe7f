import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Schedules } from '../../src/cron.ts'
import { type Cli, setup } from './command.ts'

const weekdays = ['--cron', '30 2 * * MON-FRI', '--tz', 'Europe/Zurich']

/** What a command prints as JSON; it must go well, and say nothing else. */
async function json(cli: Cli, words: readonly string[]): Promise<unknown> {
  const { code, stdout, stderr } = await cli.run([...words, '-o', 'json'])
  expect([code, stderr]).toEqual([0, ''])
  return JSON.parse(stdout)
}

async function failure(cli: Cli, words: readonly string[], input?: string): Promise<readonly [number | null, string]> {
  const { code, stdout, stderr } = await cli.run(words, input === undefined ? {} : { input })
  expect(stdout).toBe('')
  return [code, stderr]
}

describe('a schedule of jobs', () => {
  test('is made, listed, paused, resumed and deleted', async () => {
    const cli = await setup()
    const more = ['--missed', 'all', '--metadata', 'kind=full', '--metadata-json', '{"n":1}', '--attempts', '5']
    const made = await json(cli, ['schedule', 'create', '-n', 'nightly', '--queue', 'reports', ...weekdays, ...more])
    expect(made).toMatchObject({
      name: 'nightly',
      cron: '30 2 * * MON-FRI',
      timeZone: 'Europe/Zurich',
      missed: 'all',
      paused: false,
      metadata: { kind: 'full', n: 1 },
      bytes: null,
      options: { attempts: 5 },
    })
    const { stdout } = await cli.run(['schedule', 'list', '--queue', 'reports'])
    expect(stdout).toMatch(
      /^Name +Cron +Time zone +Missed +Makes +Next\nnightly +30 2 \* \* MON-FRI +Europe\/Zurich +all +a job +\d{4}-.*\n$/,
    )
    const named = ['-n', 'nightly', '--queue', 'reports']
    const silent = { code: 0, stdout: '', stderr: '' }
    expect(await cli.run(['schedule', 'pause', ...named])).toEqual(silent)
    expect((await cli.run(['schedule', 'list', '--queue', 'reports'])).stdout).toMatch(/ paused\n$/)
    expect(await cli.run(['schedule', 'resume', ...named])).toEqual(silent)
    expect(await json(cli, ['schedule', 'list', '--queue', 'reports'])).toMatchObject({
      schedules: [{ paused: false }],
    })
    expect(await failure(cli, ['schedule', 'delete', ...named])).toEqual([
      2,
      'error: Nobody is there to confirm it: say --force\n',
    ])
    expect(await cli.run(['schedule', 'delete', ...named, '--force'])).toEqual(silent)
    const gone = 'error: There is no schedule "nightly": remotejob schedule list shows what there is\n'
    expect(await failure(cli, ['schedule', 'delete', ...named, '--force'])).toEqual([3, gone])
    expect(await cli.run(['schedule', 'delete', ...named, '--force', '--inf'])).toEqual(silent)
  })

  test('keeps a file, or standard input, of 64 KiB at most', async () => {
    const cli = await setup()
    await cli.files({ 'urls.txt': 'https://example.com\n' })
    await writeFile(join(cli.folder, 'large'), Buffer.alloc(64 * 1024 + 1))
    const create = ['schedule', 'create', '--queue', 'checks', '--cron', '* * * * *']
    await json(cli, [...create, '-n', 'file', 'urls.txt'])
    await cli.run([...create, '-n', 'pipe', '-'], { input: 'piped' })
    const queue = cli.queue('checks')
    const schedules = new Schedules(queue)
    expect(await schedules.get('file')).toMatchObject({
      body: Buffer.from('https://example.com\n'),
      metadata: { filename: 'urls.txt' },
    })
    expect(await schedules.get('pipe')).toMatchObject({ body: Buffer.from('piped'), metadata: {} })
    await queue.close()
    const large = 'A schedule keeps 65536 bytes at most, and'
    expect(await failure(cli, [...create, '-n', 'x', 'large'])).toEqual([
      2,
      expect.stringContaining(`${large} "large" is`),
    ])
    expect(await failure(cli, [...create, '-n', 'x', '-'], 'x'.repeat(70_000))).toEqual([
      2,
      expect.stringContaining(`${large} standard input is larger`),
    ])
    expect(await failure(cli, [...create, '-n', 'x', 'none'])).toEqual([3, expect.stringContaining('There is no')])
    expect(await json(cli, ['schedule', 'list', '--queue', 'checks'])).toMatchObject({ schedules: [{}, {}] })
  })

  test('is what a worker makes jobs of, unless it is told to work only', async () => {
    const cli = await setup()
    await json(cli, [
      'schedule',
      'create',
      '-n',
      'often',
      '--queue',
      'jobs',
      '--cron',
      '* * * * *',
      '--metadata',
      'a=b',
    ])
    const queue = cli.queue('jobs')
    const worker = cli.start(['work', 'jobs', '--', 'true'])
    await expect.poll(async () => (await Array.fromAsync(queue.list())).length).toBeGreaterThan(0)
    const [job] = await Array.fromAsync(queue.list())
    expect(job?.id).toMatch(/^cron\.often\.\d{8}T\d{4}Z$/)
    worker.kill('SIGTERM')
    await queue.close()
  })

  test.each([
    [['--cron', '*/0 * * * *'], 2, 'Expected --cron to be five fields'],
    [['--cron', '* * * * *', '--time-zone', 'Mars'], 2, 'Expected --time-zone to be a name'],
    [['--cron', '* * * * *', '--missed', 'some'], 2, "argument 'some' is invalid"],
    [['--cron', '* * * * *', '--job', 'x'], 3, 'There is no job "x"'],
    [['--cron', '* * * * *', '--job', 'x', '--attempts', '3'], 2, 'no options of jobs beside --job'],
    [['--cron', '* * * * *', '--job', 'x', 'file'], 2, 'Expected no file'],
    [['--queue', 'q'], 2, "required option '--cron <expression>' not specified"],
  ])('is refused with %j', async (words, status, why) => {
    const cli = await setup()
    const queue = words.includes('--job') || words.includes('--queue') ? [] : ['--queue', 'q']
    expect(await failure(cli, ['schedule', 'create', '-n', 'x', ...queue, ...words])).toEqual([
      status,
      expect.stringContaining(why),
    ])
  })

  test('needs to be said of what', async () => {
    const cli = await setup()
    expect(await failure(cli, ['schedule', 'create', '-n', 'x', '--cron', '* * * * *'])).toEqual([
      2,
      'error: Expected --job, for a run of a job that is stored, or --queue, for jobs of a queue\n',
    ])
  })
})

describe('a subscription to times', () => {
  test('is made, shown, changed, listed and deleted as in Code Engine', async () => {
    const cli = await setup()
    await cli.run(['job', 'create', '-n', 'hello', '--cmd', './hello.sh'])
    const event = ['--data', '{"a":1}', '--ct', 'application/json', '--ext', 'colour=red', '-e', 'size=1']
    const made = await json(cli, ['subscription', 'cron', 'create', '-n', 'five', '-d', 'hello', ...event])
    expect(made).toMatchObject({
      name: 'five',
      destination: 'hello',
      destination_type: 'job',
      schedule: '* * * * *',
      time_zone: 'UTC',
      data: '{"a":1}',
      content_type: 'application/json',
      extensions: { colour: 'red', size: '1' },
      ready: true,
      reason: null,
    })
    const change = [
      '-s',
      '*/2 * * * *',
      '--data-base64',
      'aGk=',
      '--ext',
      'SIZE=2',
      '--extension-rm',
      'Colour',
      '--tz',
      'Asia/Tokyo',
    ]
    expect(await json(cli, ['subscription', 'cron', 'update', '-n', 'five', ...change])).toMatchObject({
      schedule: '*/2 * * * *',
      time_zone: 'Asia/Tokyo',
      data: 'hi',
      content_type: 'application/json',
      extensions: { SIZE: '2' },
    })
    await cli.run(['subscription', 'cron', 'update', '-n', 'five', '--data', '', '--content-type', ''])
    const shown = await cli.run(['subscription', 'cron', 'get', '-n', 'five'])
    expect(shown.stdout).toMatch(/^Destination +hello$/m)
    expect(shown.stdout).toMatch(/^Schedule +\*\/2 \* \* \* \*$/m)
    expect(shown.stdout).not.toMatch(/^(?:Data|Content type|Reason)/m)
    expect((await cli.run(['subscription', 'cron', 'list'])).stdout).toMatch(/^five +\d+ s +yes +\*\/2 .* job:hello$/m)
    expect((await cli.run(['schedule', 'list'])).stdout).toMatch(/^five .* a run of hello /m)
    const end = ['subscription', 'cron', 'delete', '-n', 'five', '--force']
    expect(await cli.run(end)).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(await failure(cli, end)).toEqual([3, expect.stringContaining('There is no subscription cron "five"')])
  })

  test('may be of a job that is not there yet, and says so', async () => {
    const cli = await setup()
    await cli.run(['job', 'create', '-n', 'other', '--cmd', 'x'])
    await json(cli, ['subscription', 'cron', 'create', '-n', 'x', '-d', 'later', '--force', '--no-wait'])
    expect(await json(cli, ['subscription', 'cron', 'get', '-n', 'x'])).toMatchObject({
      ready: false,
      reason: 'There is no job "later": its ticks fail until it is created',
    })
    await cli.run(['job', 'create', '-n', 'later', '--cmd', 'x'])
    expect(await json(cli, ['subscription', 'cron', 'get', '-n', 'x'])).toMatchObject({ ready: true })
    await cli.run(['schedule', 'pause', '-n', 'x'])
    const paused = { ready: false, next: null, reason: 'It is paused: remotejob schedule resume' }
    expect(await json(cli, ['subscription', 'cron', 'list'])).toMatchObject({ subscriptions: [paused] })
  })

  test('shows no schedules of other things', async () => {
    const cli = await setup()
    await json(cli, ['schedule', 'create', '-n', 'x', '--queue', 'runs', '--cron', '* * * * *'])
    expect(await json(cli, ['subscription', 'cron', 'list'])).toEqual({ subscriptions: [] })
    expect((await failure(cli, ['subscription', 'cron', 'get', '-n', 'x']))[0]).toBe(3)
    expect((await failure(cli, ['subscription', 'cron', 'update', '-n', 'x', '--data', 'x']))[0]).toBe(3)
  })

  test.each([
    [['-d', 'none'], 3, 'There is no job "none" (--destination): create it first, or say --force to do that later'],
    [['-d', 'hello', '--schedule', 'x'], 2, 'Expected --schedule to be five fields'],
    [['-d', 'hello', '--tz', 'Mars'], 2, 'Expected --time-zone to be a name'],
    [['-d', 'hello', '--data', 'x'.repeat(4097)], 2, 'Expected --data to be text of at most 4096 bytes'],
    [['-d', 'hello', '--data', 'x', '--db', 'eA=='], 2, 'Expected one of --data and --data-base64'],
    [['-d', 'hello', '--db', '!'], 2, 'Expected --data-base64 to be base64'],
    [['-d', 'hello', '--db', '/w=='], 2, 'Expected --data-base64 to be text'],
    [['-d', 'hello', '--ext', 'x'], 2, 'Expected --extension NAME=VALUE, got "x"'],
    [['-d', 'hello', '--ext', 'id=1'], 2, 'Expected --extension to be other attributes'],
    [['-d', 'hello', '--destination-type', 'app'], 2, 'There are no applications here'],
    [['-d', 'hello', '--path', '/x'], 2, 'A path is for applications'],
    [[], 2, "required option '-d, --destination <job>' not specified"],
  ])('is refused with %j, and nothing is made', async (words, status, why) => {
    const cli = await setup()
    await cli.run(['job', 'create', '-n', 'hello', '--cmd', 'x'])
    expect(await failure(cli, ['subscription', 'cron', 'create', '-n', 'x', ...words])).toEqual([
      status,
      expect.stringContaining(why),
    ])
    expect(await json(cli, ['schedule', 'list'])).toEqual({ schedules: [] })
  })

  test('that nothing is said of is not changed', async () => {
    const cli = await setup()
    expect(await failure(cli, ['subscription', 'cron', 'update', '-n', 'x'])).toEqual([
      2,
      expect.stringContaining('Nothing is said that changes the subscription'),
    ])
  })
})
