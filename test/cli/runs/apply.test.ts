import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Schedules } from '../../../src/cron.ts'
import { Runs } from '../../../src/runs.ts'
import { type Cli, setup } from '../command.ts'

const runsOf = (cli: Cli, queue = 'runs') => new Runs(cli.queue(queue))
const names = async (cli: Cli, queue?: string) => (await runsOf(cli, queue).jobs.list()).map(({ name }) => name)

/** What became of each job. */
async function applied(cli: Cli, words: readonly string[], given: Parameters<Cli['run']>[1] = {}) {
  const { code, stdout, stderr } = await cli.run(['apply', ...words, '-o', 'json'], given)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const changes: unknown = JSON.parse(stdout)
  return changes
}

const yaml = `# two jobs
name: sum
run_commands: [./sum.sh]
scale_array_spec: 0-9
run_env_variables:
  - { type: literal, name: LEVEL, value: info }
---
name: render
image_reference: icr.io/codeengine/helloworld
scale_memory_limit: 8G
`

/** As SlimFaas's documentation writes it, with the comments and commas that JSON has not. */
const fibonacci = `{
  "Configurations": {
    "fibonacci": {
      "Image": "axaguildev/fibonacci-batch:latest",
      "ImagesWhitelist": [],
      "Resources": {
        "Requests": { "cpu": "400m", "memory": "400Mi" },
        "Limits": { "cpu": "400m", "memory": "400Mi" },
      },
      "DependsOn": ["fibonacci1"],
      "Environments": [],
      "BackoffLimit": 1, # tries again
      "Visibility": "Public",
      "NumberParallelJob": 2,
      "TtlSecondsAfterFinished": 36000,
      "RestartPolicy": "Never"
    }
  }
}`

describe('apply', () => {
  test('stores the jobs of a file, changes those that differ, and does nothing the second time', async () => {
    const cli = await setup()
    await cli.files({ 'jobs.yaml': yaml })
    expect(await applied(cli, ['-f', 'jobs.yaml', '--queue', 'project'])).toEqual([
      { kind: 'job', name: 'sum', change: 'created' },
      { kind: 'job', name: 'render', change: 'created' },
    ])
    await cli.files({ 'jobs.yaml': yaml.replace('0-9', '0-99') })
    const changed = [
      { kind: 'job', name: 'sum', change: 'changed' },
      { kind: 'job', name: 'render', change: 'unchanged' },
    ]
    expect(await applied(cli, ['-f', 'jobs.yaml', '--queue', 'project', '--dry-run'])).toEqual(changed)
    expect((await runsOf(cli, 'project').jobs.get('sum'))?.version).toBe(1)
    expect(await applied(cli, ['-f', 'jobs.yaml', '--queue', 'project'])).toEqual(changed)
    expect((await runsOf(cli, 'project').jobs.get('sum'))?.definition.arrayIndexes).toBe('0-99')
    expect((await runsOf(cli, 'project').jobs.get('render'))?.version).toBe(1)
  })

  test('takes what `job get` and `job list` print, from standard input too', async () => {
    const cli = await setup()
    await cli.run([
      'job',
      'create',
      '-n',
      'sum',
      '-c',
      'sum',
      '--mode',
      'daemon',
      '--ttl',
      '60',
      '--mount-configmap',
      'a=b',
      '-f',
    ])
    const { stdout } = await cli.run(['job', 'get', '-n', 'sum', '-o', 'json'])
    expect(await applied(cli, ['-f', '-', '--force'], { input: stdout })).toEqual([
      { kind: 'job', name: 'sum', change: 'unchanged' },
    ])
    const list = await cli.run(['job', 'list', '-o', 'yaml'])
    expect(await applied(cli, ['-f', '-', '--force', '--queue', 'copy'], { input: list.stdout })).toEqual([
      { kind: 'job', name: 'sum', change: 'created' },
    ])
    expect((await runsOf(cli, 'copy').jobs.get('sum'))?.definition).toEqual(
      (await runsOf(cli).jobs.get('sum'))?.definition,
    )
  })

  test('takes a configuration of SlimFaas, from a file, from a config map of Kubernetes, or from the environment', async () => {
    const cli = await setup()
    const manifest = `apiVersion: v1\nkind: Namespace\nmetadata: { name: slimfaas-demo }\n---\napiVersion: v1\nkind: ConfigMap\ndata:\n  SlimFaas__JobsConfiguration: |\n${fibonacci.replaceAll(/^/gm, '    ')}\n---\nkind: Service\nspec: {}\n`
    await cli.files({ 'jobs.json': fibonacci, 'manifest.yaml': manifest })
    const created = [{ kind: 'job', name: 'fibonacci', change: 'created' }]
    expect(await applied(cli, ['-f', 'jobs.json'])).toEqual(created)
    const stored = (await runsOf(cli).jobs.get('fibonacci'))?.definition
    expect(stored).toMatchObject({ cpu: 0.4, memory: 400 * 2 ** 20, parallelism: 2, visibility: 'public' })
    const others: readonly (readonly [string[], Record<string, string>])[] = [
      [['-f', 'manifest.yaml'], {}],
      [[], { SlimFaas__JobsConfiguration: fibonacci, SLIMFAAS_JOBS_CONFIGURATION: '{}' }],
      [[], { SLIMFAAS_JOBS_CONFIGURATION: `\n${fibonacci}` }],
      [[], { SLIMFAAS_JOBS_CONFIGURATION: join(cli.folder, 'jobs.json') }],
    ]
    for (const [index, [words, env]] of others.entries()) {
      expect(await applied(cli, [...words, '--queue', `q${index}`], { env })).toEqual(created)
      expect((await runsOf(cli, `q${index}`).jobs.get('fibonacci'))?.definition).toEqual(stored)
    }
  })

  test.each(
    [
      ['', 'described is empty: nothing is described in it'],
      ['---\n---\n', 'described is empty'],
      ['{', 'described is neither JSON nor YAML: Flow map must end with a } at line 1, column 2\n'],
      ['a: b: c', 'described is neither JSON nor YAML'],
      ['name: a\nname: b', 'described is neither JSON nor YAML: Map keys must be unique'],
      [
        'a: &a [x]\nb: [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\n'.replace('[*a', `[${'*a, '.repeat(200)}*a`),
        'described cannot be read: Excessive alias count',
      ],
      ['just words', 'described: Expected the document to be an object, got text'],
      ['[]', 'There is no job in what is to be applied'],
      ['name: 7\nrun_commands: [x]', 'described: Expected `name` to be text, got a number'],
      [
        `${yaml}---\nname: third\n`,
        'described, document 3: Expected an `image_reference` for a container, or a `run_commands`',
      ],
      [`${yaml}---\nname: sum\nrun_commands: [x]\n`, 'The job "sum" is described twice'],
      [
        '[{"name":"a","run_commands":["x"]},{"name":"b","run_commands":["x"],"scale_cpu_limit":"3"}]',
        'described: Expected `[1].scale_cpu_limit` to be one of 0.125',
      ],
      [
        '{"resource_type":"job_run_v2","name":"a"}',
        'described: Expected `resource_type` to be one of job_v2, got "job_run_v2"',
      ],
      ['apiVersion: v1\nkind: Namespace', 'described: Expected `kind` to be left out'],
      ['{"Configurations":{"sum":{}}}', 'described: Expected an `Configurations.sum.Image` for a container'],
      [
        '{"Configurations":{"sum":{"Command":["x"]}},"Schedules":{"sum":[{"Schedule":"60 * * * *"}]}}',
        'described: A schedule of "sum": Expected `Schedule` to be five fields',
      ],
      [
        '{"Configurations":{"sum":{"Command":["x"]}},"Schedules":{"sum":[{"Schedule":"0 0 31 2 *"}]}}',
        'described: A schedule of "sum": The schedule "0 0 31 2 *" never comes',
      ],
      [
        `${yaml}---\nname: third\nrun_commands: [x]\nrun_env_variables: [{ type: secret_full_reference, reference: db }]`,
        'There is no secret "db", which the job "third" refers to',
      ],
      ['x'.repeat(1024 * 1024 + 1), 'described has more than 1048576 bytes'],
    ].map(([text = '', message]) => [message, text] as const),
  )('says %j, refuses the whole file and stores nothing', async (message, text) => {
    const cli = await setup()
    await cli.files({ described: text })
    const said = await cli.run(['apply', '-f', 'described'])
    expect(said).toMatchObject({ stdout: '', stderr: expect.stringContaining(`error: ${message}`) })
    expect([2, 3]).toContain(said.code)
    expect(said.stderr.trim().split('\n')).toHaveLength(1)
    expect(await names(cli)).toEqual([])
  })

  test('gives the jobs of a SlimFaas configuration the schedules that it has, and takes those away that it has not', async () => {
    const cli = await setup()
    const apply = async (schedules: unknown, ...words: readonly string[]) => {
      const Configurations = { sum: { Command: ['sum'] }, other: { Command: ['sum'] } }
      await cli.files({ 'jobs.json': JSON.stringify({ Configurations, Schedules: schedules }) })
      const changes = await applied(cli, ['-f', 'jobs.json', ...words])
      return Array.isArray(changes) ? changes.filter((row: { kind: string }) => row.kind === 'schedule') : []
    }
    const nightly = { Schedule: '0/2 * * * *', Args: ['42'] }
    const weekly = { Schedule: '0 0 * * 0', Args: ['42'], DependsOn: ['fibonacci2'] }
    const name = expect.stringMatching(/^sum-[0-9a-f]{8}$/)
    const created = { kind: 'schedule', name, change: 'created' }
    const both = { sum: [nightly, weekly], other: [nightly] }
    expect(await apply(both, '--queue', 'runs')).toEqual([
      created,
      created,
      { ...created, name: expect.stringMatching(/^other-/) },
    ])
    const schedules = new Schedules(cli.queue('runs'))
    expect(
      (await Array.fromAsync(schedules.list())).map(({ cron, timeZone, metadata }) => [cron, timeZone, metadata]),
    ).toEqual(
      expect.arrayContaining([
        [
          '0 0 * * 0',
          'UTC',
          {
            run: { job: 'sum', overrides: { arguments: ['42'], dependsOn: ['fibonacci2'] }, extensions: {} },
            slimfaas: 'sum',
          },
        ],
      ]),
    )
    await schedules.create({
      name: 'sum-of-mine',
      cron: '0 0 * * *',
      ...(await runsOf(cli).atEachTick({ job: 'sum' })),
    })
    expect((await apply(both)).map(({ change }: { change: string }) => change)).toEqual([
      'unchanged',
      'unchanged',
      'unchanged',
    ])
    const fewer = { sum: [nightly], other: [nightly] }
    const gone = [
      { ...created, change: 'unchanged' },
      expect.objectContaining({ change: 'unchanged' }),
      { ...created, change: 'deleted' },
    ]
    expect(await apply(fewer, '--dry-run')).toEqual(gone)
    expect(await apply(fewer)).toEqual(gone)
    expect((await Array.fromAsync(schedules.list())).map((one) => one.name)).toEqual([
      expect.stringMatching(/^other-[0-9a-f]{8}$/),
      expect.stringMatching(/^sum-[0-9a-f]{8}$/),
      'sum-of-mine',
    ])
  })

  test('may be run by several at the same time, and each of them does its part', async () => {
    const cli = await setup()
    const jobs = Array.from({ length: 20 }, (_, index) => ({ name: `job-${index}`, run_commands: ['sum'] }))
    await cli.files({ 'jobs.json': JSON.stringify(jobs) })
    const ended = await Promise.all([1, 2, 3].map(() => cli.run(['apply', '-f', 'jobs.json'])))
    expect(ended.map(({ code, stderr }) => ({ code, stderr }))).toEqual(ended.map(() => ({ code: 0, stderr: '' })))
    expect(await names(cli)).toEqual(jobs.map(({ name }) => name).toSorted())
  })

  test('wants to be told what to apply', async () => {
    const cli = await setup()
    expect((await cli.run(['apply'])).stderr).toContain(
      'Expected --filename, or SlimFaas__JobsConfiguration or SLIMFAAS_JOBS_CONFIGURATION',
    )
    expect(await cli.run(['apply', '-f', 'none.yaml'])).toMatchObject({
      code: 3,
      stderr: 'error: There is no "none.yaml": check the path\n',
    })
  })
})
