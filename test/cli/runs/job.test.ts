import { describe, expect, test } from 'vitest'
import { Runs } from '../../../src/runs.ts'
import { definitionFrom } from '../../../src/runs/definition/merge.ts'
import { type Cli, setup } from '../command.ts'

const silent = { code: 0, stdout: '', stderr: '' }

/** The library's runs in the folder of a command. */
const runsOf = (cli: Cli, queue = 'runs') => new Runs(cli.queue(queue))

/** One line on standard error, and nothing made. */
const refusal = (code: number, message: string) => ({
  code,
  stdout: '',
  stderr: expect.stringContaining(`error: ${message}`),
})

describe('job create', () => {
  test('stores what the options say, and says nothing but on a terminal', async () => {
    const cli = await setup()
    const words = [
      '-n',
      'sum',
      '--cmd',
      'sh',
      '-c',
      '-e',
      '--arg',
      '-x',
      '--as',
      '3',
      '-e',
      'A=1',
      '-e',
      'B==',
      '-r',
      '0',
      '--met',
      '60',
      '--cpu',
      '0.25',
      '-m',
      '1G',
    ]
    expect(await cli.run(['job', 'create', ...words])).toEqual(silent)
    expect((await runsOf(cli).jobs.get('sum'))?.definition).toEqual(
      definitionFrom({
        name: 'sum',
        command: ['sh', '-e'],
        arguments: ['-x'],
        arrayIndexes: '0-2',
        environment: [
          { kind: 'literal', name: 'A', value: '1' },
          { kind: 'literal', name: 'B', value: '=' },
        ],
        retryLimit: 0,
        maxExecutionSeconds: 60,
        cpu: 0.25,
        memory: 1e9,
      }),
    )
  })

  test('keeps each project’s jobs with its queue', async () => {
    const cli = await setup()
    expect(await cli.run(['job', 'create', '-n', 'sum', '-c', 'sum', '--queue', 'one'])).toEqual(silent)
    expect(await cli.run(['job', 'create', '-n', 'other', '-c', 'sum'], { env: { REMOTEJOB_QUEUE: 'two' } })).toEqual(
      silent,
    )
    expect(await runsOf(cli, 'one').jobs.get('sum')).toBeDefined()
    expect(await runsOf(cli, 'two').jobs.get('other')).toBeDefined()
    expect(await runsOf(cli, 'two').jobs.get('sum')).toBeUndefined()
  })

  test('refuses a name that is taken, and leaves what is there', async () => {
    const cli = await setup()
    await cli.run(['job', 'create', '-n', 'sum', '-c', 'one'])
    expect(await cli.run(['job', 'create', '-n', 'sum', '-c', 'two'])).toEqual(
      refusal(8, 'There is a job "sum" already'),
    )
    expect((await runsOf(cli).jobs.get('sum'))?.definition.command).toEqual(['one'])
  })

  test('refuses a secret that there is not, unless forced', async () => {
    const cli = await setup()
    const words = ['job', 'create', '-n', 'sum', '-c', 'sum', '--env-sec', 'db']
    expect(await cli.run(words)).toEqual(refusal(3, 'There is no secret "db"'))
    expect(await runsOf(cli).jobs.get('sum')).toBeUndefined()
    expect(await cli.run([...words, '-f'])).toEqual(silent)
  })

  test.each([
    [['-c', 'x'], "required option '-n, --name <name>' not specified"],
    [['-n', 'A', '-c', 'x'], 'Expected --name to be 1 to 63 lower-case letters'],
    [['-n', 'sum'], 'Expected an --image for a container, or a --command for a process'],
    [['-n', 'sum', '-c', 'x', '-r', '6'], "option '-r, --retrylimit <number>' argument '6' is invalid"],
    [
      ['-n', 'sum', '-c', 'x', '--mode', 'daemon', '--retrylimit', '1'],
      'Expected --retrylimit to be left out with the mode daemon',
    ],
    [['-n', 'sum', '-c', 'x', '--cpu', '1', '--memory', '16G'], 'Expected --memory to be one of 2G, 4G, 8G with 1 cpu'],
    [['-n', 'sum', '-c', 'x', '--ai', '1', '--is', '2'], 'Choose one of --array-indexes and --array-size'],
    [['-n', 'sum', '-c', 'x', '--env-rm', 'A'], "unknown option '--env-rm"],
    [['-n', 'sum', '-c', 'x', '--asvo', '7'], "unknown option '--asvo'"],
  ])('refuses %j by the name of the option, and stores nothing', async (words, message) => {
    const cli = await setup()
    const said = await cli.run(['job', 'create', ...words])
    expect(said).toEqual(refusal(2, message))
    expect(said.stderr.trim().split('\n')).toHaveLength(1)
  })
})

describe('job update', () => {
  test('changes what is said, takes away what is told, and leaves the rest', async () => {
    const cli = await setup()
    await cli.run([
      'job',
      'create',
      '-n',
      'sum',
      '-c',
      'sum',
      '-a',
      'x',
      '-e',
      'A=1',
      '-e',
      'B=2',
      '--parallelism',
      '2',
    ])
    expect(
      await cli.run(['job', 'update', '-n', 'sum', '--ac', '--env-rm', 'A', '-e', 'B=3', '-e', 'C=4', '-r', '5']),
    ).toEqual(silent)
    expect((await runsOf(cli).jobs.get('sum'))?.definition).toEqual(
      definitionFrom({
        name: 'sum',
        command: ['sum'],
        parallelism: 2,
        retryLimit: 5,
        environment: [
          { kind: 'literal', name: 'B', value: '3' },
          { kind: 'literal', name: 'C', value: '4' },
        ],
      }),
    )
  })

  test('refuses what is not there or would leave nothing to run, and changes nothing', async () => {
    const cli = await setup()
    await cli.run(['job', 'create', '-n', 'sum', '-c', 'sum'])
    const before = await runsOf(cli).jobs.get('sum')
    expect(await cli.run(['job', 'update', '-n', 'sum'])).toEqual(refusal(2, 'Nothing is said that changes the job'))
    expect(await cli.run(['job', 'update', '-n', 'none', '-r', '1'])).toEqual(refusal(3, 'There is no job "none"'))
    expect(await cli.run(['job', 'update', '-n', 'sum', '--env-rm', 'A'])).toEqual(
      refusal(3, '--env-rm A: the job has none of that name'),
    )
    expect(await cli.run(['job', 'update', '-n', 'sum', '--cc'])).toEqual(
      refusal(2, 'Expected an --image for a container, or a --command'),
    )
    expect(await runsOf(cli).jobs.get('sum')).toEqual(before)
  })
})

describe('job get and job list', () => {
  test('show a job as the API of Code Engine does, and for people as a table', async () => {
    const cli = await setup()
    await cli.run(['job', 'create', '-n', 'sum', '-c', 'sum', '--as', '3', '-e', 'A=1', '--env-cm', 'P_=m', '-f'])
    const { stdout } = await cli.run(['job', 'get', '--name', 'sum', '-o', 'json'])
    expect(JSON.parse(stdout)).toMatchObject({
      name: 'sum',
      resource_type: 'job_v2',
      entity_tag: '1',
      run_commands: ['sum'],
      run_env_variables: [
        { type: 'config_map_full_reference', reference: 'm', prefix: 'P_' },
        { type: 'literal', name: 'A', value: '1' },
      ],
      scale_array_spec: '0-2',
      scale_cpu_limit: '1',
      scale_memory_limit: '4G',
    })
    expect((await cli.run(['job', 'get', '-n', 'sum', '-o', 'jsonpath={.scale_array_spec}'])).stdout).toBe('0-2\n')
    const table = (await cli.run(['job', 'get', '-n', 'sum'])).stdout
    expect(table).toMatch(/^Array indexes +0-2$/m)
    expect(table).toMatch(/^Variable +P_\*: config map m$/m)
    expect(table).toMatch(/^Variable +A=1$/m)
  })

  test('have an end in sight where there is nothing', async () => {
    const cli = await setup()
    expect(await cli.run(['job', 'list'])).toEqual(refusal(3, 'There is no queue "runs" here'))
    await cli.run(['job', 'create', '-n', 'b', '-c', 'sum'])
    expect(await cli.run(['job', 'get', '-n', 'sum'])).toEqual(refusal(3, 'There is no job "sum"'))
  })

  test('list names in order or the newest first', async () => {
    const cli = await setup()
    for (const name of ['b', 'a']) await cli.run(['job', 'create', '-n', name, '-c', 'sum'])
    expect((await cli.run(['job', 'list', '-o', 'jsonpath={.jobs[*].name}'])).stdout).toBe('a b\n')
    await cli.run(['job', 'update', '-n', 'b', '-r', '1'])
    const { stdout } = await cli.run(['job', 'list', '--sort-by', 'age'])
    expect(stdout.split('\n').map((line) => line.split(' ')[0])).toEqual(['Name', 'b', 'a', ''])
  })
})

describe('job delete', () => {
  test('asks first, and without a terminal wants --force', async () => {
    const cli = await setup()
    await cli.run(['job', 'create', '-n', 'sum', '-c', 'sum'])
    expect(await cli.run(['job', 'delete', '-n', 'sum'])).toEqual(
      refusal(2, 'Nobody is there to confirm it: say --force'),
    )
    expect(await cli.run(['job', 'delete', '-n', 'sum', '-f'])).toEqual(silent)
    expect(await cli.run(['job', 'delete', '-n', 'sum', '-f'])).toEqual(refusal(3, 'There is no job "sum"'))
    expect(await cli.run(['job', 'delete', '-n', 'sum', '-f', '--inf'])).toEqual(silent)
  })

  test('deletes its runs unless they are to be orphans', async () => {
    const cli = await setup()
    const runs = runsOf(cli)
    for (const job of ['one', 'two']) {
      await cli.run(['job', 'create', '-n', job, '-c', 'sum'])
      await runs.submit({ job, runName: `${job}-1` })
    }
    await runs.submit({ name: 'one', command: ['sum'], runName: 'of-none' })
    expect(await cli.run(['job', 'delete', '-n', 'one', '-f'])).toEqual(silent)
    expect(await cli.run(['job', 'delete', '-n', 'two', '-f', '--orphan-job-runs'])).toEqual(silent)
    expect([await runs.get('one-1'), (await runs.get('two-1'))?.status, (await runs.get('of-none'))?.status]).toEqual([
      undefined,
      'pending',
      'pending',
    ])
  })

  test('has no short form for orphans, since -o is the output', async () => {
    const cli = await setup()
    expect((await cli.run(['job', 'delete', '-n', 'sum', '-f', '-o'])).stderr).toContain(
      "option '-o, --output <format>' argument missing",
    )
  })
})

test.each(['bind', 'unbind'])('job %s is refused with what to do instead, whatever is said', async (name) => {
  const cli = await setup()
  expect(await cli.run(['job', name, '--name', 'sum', '--service-instance', 'x'])).toEqual(
    refusal(2, `job ${name} is for services of IBM Cloud`),
  )
})

test('a name with "_" is one of SlimFaas alone', async () => {
  const cli = await setup()
  const refused = await cli.run(['job', 'create', '-n', 'a_b', '-c', 'true'])
  expect(refused).toMatchObject({ code: 2, stdout: '' })
  expect(refused.stderr).toContain('Expected --name to be 1 to 63 lower-case letters, digits and "-"')
  const configuration = { Configurations: { a_b: { Image: 'busybox' } } }
  await cli.files({ 'slimfaas.json': JSON.stringify(configuration) })
  expect(await cli.run(['apply', '-f', 'slimfaas.json', '-q'])).toMatchObject({ code: 0 })
  expect(await cli.run(['jobrun', 'submit', '-j', 'a_b', '-n', 'run_1'])).toMatchObject({ code: 0, stdout: 'run_1\n' })
  expect((await cli.run(['jobrun', 'submit', '-n', 'run_2', '-c', 'true'])).code).toBe(2)
  expect(await cli.run(['jobrun', 'get', '-n', 'run_1', '-o', 'jsonpath={.job_name}'])).toMatchObject({
    code: 0,
    stdout: 'a_b\n',
  })
})

test.each([
  [['--env-from-configmap', 'x:A'], 'config map "x", which the job\'s --env-from-configmap names'],
  [['--env-from-secret', 'P_=x'], 'secret "x", which the job\'s --env-from-secret names'],
  [['--mount-configmap', 'etc=x'], 'config map "x", which the job\'s --mount-configmap names'],
  [['--mount-secret', 'etc=x', '--env-from-configmap', 'there'], 'secret "x", which the job\'s --mount-secret names'],
])('a reference to what is missing, %j, is refused with the option that names it', async (words, what) => {
  const cli = await setup()
  await cli.run(['configmap', 'create', '-n', 'there', '--from-literal', 'A=b'])
  await cli.run(['job', 'create', '-n', 'sum', '-c', 'true'])
  const refused = refusal(3, `There is no ${what}: create it first, or say --force to do that later`)
  for (const command of [
    ['job', 'create', '-n', 'other', '-c', 'true'],
    ['job', 'update', '-n', 'sum'],
    ['jobrun', 'submit', '-j', 'sum'],
  ])
    expect(await cli.run([...command, ...words, '-q'])).toEqual(refused)
})

test('a job that is missing is told with the option that names it', async () => {
  const cli = await setup()
  await cli.run(['configmap', 'create', '-n', 'there', '--from-literal', 'A=b'])
  for (const [words, option] of [
    [['jobrun', 'submit', '--job', 'none'], '--job'],
    [['schedule', 'create', '-n', 's', '--cron', '* * * * *', '--job', 'none'], '--job'],
    [['subscription', 'cron', 'create', '-n', 's', '-d', 'none'], '--destination'],
    [
      ['subscription', 'cos', 'create', '-n', 's', '-b', 'bucket', '-d', 'none', '--destination-type', 'job'],
      '--destination',
    ],
  ] as const)
    expect(await cli.run([...words, '-q'])).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(`^error: There is no job "none" \\(${option}\\): `),
    })
})
