import { Command } from '@commander-js/extra-typings'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { withGlobalOptions } from '../../../src/cli/global-options.ts'
import { problemFrom } from '../../../src/cli/problem.ts'
import {
  withArraySizeOverride,
  withDefinitionOptions,
  withRemovalOptions,
} from '../../../src/cli/runs/definition-options.ts'
import { overridesFrom, withoutRemoved } from '../../../src/cli/runs/definition-overrides.ts'
import { spellOut } from '../../../src/cli/spelling.ts'
import { definitionFrom } from '../../../src/runs/definition/merge.ts'

/** The options of words behind a command's name, as the whole command line reads them. */
function options(...words: readonly string[]) {
  const command = withRemovalOptions(withArraySizeOverride(withDefinitionOptions(new Command('create'))))
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .action(() => {})
  const program = withGlobalOptions(new Command('remotejob')).addCommand(command)
  program.parse(spellOut(program, ['create', ...words]), { from: 'user' })
  return { ...command.opts(), globals: program.opts() }
}

/** What is said, without what is not. */
function said(...words: readonly string[]) {
  return Object.fromEntries(Object.entries(overridesFrom(options(...words))).filter(([, value]) => value !== undefined))
}

function refused(...words: readonly string[]): string {
  try {
    definitionFrom({ name: 'sum', command: ['sum'], ...said(...words) })
  } catch (error) {
    return problemFrom(error).message
  }
  return ''
}

describe('the options of a job', () => {
  test.each([
    [['--image', 'a', '-i', 'b'], { image: 'b' }],
    [['--command', 'a', '--cmd', 'b', '-c', 'c'], { command: ['a', 'b', 'c'] }],
    [['--argument', 'a', '--arg', 'b', '-a', 'c', '--arg=d'], { arguments: ['a', 'b', 'c', 'd'] }],
    [['--array-indexes', '10, 1 - 5,7-8,3'], { arrayIndexes: '1-5,7-8,10' }],
    [['--array-indices', '0'], { arrayIndexes: '0' }],
    [['--ai', '3,7,9'], { arrayIndexes: '3,7,9' }],
    [['--array-size', '3'], { arrayIndexes: '0-2' }],
    [['--as', '3'], { arrayIndexes: '0-2' }],
    [['--instances', '1'], { arrayIndexes: '0' }],
    [['--is', '1000'], { arrayIndexes: '0-999' }],
    [['--array-size-var-override', '7'], { arraySizeOverride: 7 }],
    [['--asvo', '7'], { arraySizeOverride: 7 }],
    [['--cpu', '0.25', '-m', '500M', '--es', '100M'], { cpu: 0.25, memory: 5e8, ephemeralStorage: 1e8 }],
    [['--memory', '2G', '--ephemeral-storage=1G'], { memory: 2e9, ephemeralStorage: 1e9 }],
    [['--mode', 'daemon'], { mode: 'daemon' }],
    [['-r', '0', '--met', '86400'], { retryLimit: 0, maxExecutionSeconds: 86_400 }],
    [['--retrylimit', '5', '--maxexecutiontime', '1'], { retryLimit: 5, maxExecutionSeconds: 1 }],
    [
      ['--mount-configmap', '/a=b=c', '--mount-secret=/d=e'],
      {
        mounts: [
          { directory: '/a=b', from: 'config map', name: 'c' },
          { directory: '/d', from: 'secret', name: 'e' },
        ],
      },
    ],
    [
      ['--parallelism', '2', '--ttl', '60', '--visibility', 'private'],
      { parallelism: 2, ttlSecondsAfterFinish: 60, visibility: 'private' },
    ],
    [['--depends-on', 'a', '--depends-on', 'https://b'], { dependsOn: ['a', 'https://b'] }],
    [['--images-whitelist', 'a:*'], { imagesWhitelist: ['a:*'] }],
    [[], {}],
  ])('%j say %j', (words, expected) => {
    expect(said(...words)).toEqual(expected)
  })

  test('environments are in order, references before what is said word for word, and the last of a name wins', () => {
    const words = [
      '-e',
      'B=1',
      '--env-cm',
      'one',
      '--env',
      'A==',
      '--env-sec=P_=two',
      '--env-from-configmap',
      'm:X=k',
      '-e',
      'B=2',
    ]
    expect(said(...words)).toEqual({
      environment: [
        { kind: 'all', from: 'config map', reference: 'one', prefix: '' },
        { kind: 'key', from: 'config map', reference: 'm', name: 'X', key: 'k' },
        { kind: 'all', from: 'secret', reference: 'two', prefix: 'P_' },
        { kind: 'literal', name: 'A', value: '=' },
        { kind: 'literal', name: 'B', value: '2' },
      ],
    })
    expect(said('--env-from-secret', 's:a,b')).toEqual({
      environment: ['a', 'b'].map((name) => ({ kind: 'key', from: 'secret', reference: 's', name, key: name })),
    })
  })

  test.each([
    [['--array-indexes', '1', '--array-size', '2'], 'Choose one of --array-indexes and --array-size'],
    [['--ai', '5-1'], 'Expected --array-indexes to be indexes'],
    [['--ai', '0-1000'], 'Expected --array-indexes to be at most 1000 indexes'],
    [['--cpu', 'x'], 'Expected --cpu to be a number of processors'],
    [['--cpu', '3'], 'Expected --cpu to be one of 0.125'],
    [['-m', '4Gi'], 'Expected --memory to be a size'],
    [['-m', '16G'], 'Expected --memory to be one of 2G, 4G, 8G with 1 cpu, got "16G"'],
    [['--es', '5G'], 'Expected --ephemeral-storage to be no more than the memory'],
    [['--mode', 'daemon', '-r', '1'], 'Expected --retrylimit to be left out with the mode daemon'],
    [['--mode', 'daemon', '--met', '1'], 'Expected --maxexecutiontime to be left out with the mode daemon'],
    [['-e', 'A'], 'Expected --env to be NAME=VALUE'],
    [['--env-cm', '../x'], 'Expected --env-from-configmap to be NAME, PREFIX=NAME'],
    [['--env-sec', 'A=B=C'], 'Expected --env-from-secret to be NAME, PREFIX=NAME'],
    [['--mount-secret', 'a=B'], 'Expected --mount-secret to be DIRECTORY=NAME'],
    [['--mount-configmap', '/a'], 'Expected --mount-configmap to be DIRECTORY=NAME'],
    [
      ['--mount-configmap', '/a=b', '--mount-secret', '/a=c'],
      'Expected --mount-configmap and --mount-secret to be folders',
    ],
    [['-a', 'x'.repeat(11_000)], 'a definition of at most 10240 bytes'],
  ])('%j are refused by the name of the option, with the reason', (words, message) => {
    expect(refused(...words)).toContain(message)
  })

  test.each([
    ['-r', '6', 'Expected a whole number from 0 to 5'],
    ['--met', '86401', 'Expected a whole number from 1 to 86400'],
    ['--is', '1001', 'Expected a whole number from 1 to 1000'],
    ['--mode', 'cron', 'Allowed choices are task, daemon'],
    ['--parallelism', '0', 'Expected a whole number from 1 to 10000'],
  ])('%s %s is refused before anything is done', (option, value, message) => {
    expect(() => options(option, value)).toThrow(message)
  })
})

test('a value may be anything, also the name of an option, and is never taken for one', () => {
  const words = ['-a', '-q', '-a', '--', '--arg', '-o', '--argument', '--arg', '--cmd', '--local', '-e', '-=']
  expect(options(...words)).toMatchObject({
    argument: ['-q', '--', '-o', '--arg'],
    command: ['--local'],
    env: ['-='],
    globals: { output: { kind: 'table' } },
  })
  expect(options(...words).globals).not.toHaveProperty('quiet')
  fc.assert(
    fc.property(fc.array(fc.string()), fc.constantFrom('-a', '--arg', '--argument'), (values, option) => {
      expect(options(...values.flatMap((value) => [option, value])).argument ?? []).toEqual(values)
      expect(options(...values.map((value) => `--arg=${value}`)).argument ?? []).toEqual(values)
    }),
  )
})

test('options of the whole program keep their meaning behind a command', () => {
  expect(options('-a', 'x', '-q', '-o', 'json', '--local').globals).toMatchObject({
    quiet: true,
    output: { kind: 'json' },
    local: '.remotejob',
  })
})

describe('what is taken away', () => {
  const job = definitionFrom({
    ...overridesFrom(
      options(
        '-c',
        'sum',
        '-a',
        'x',
        '-e',
        'A=1',
        '--env-cm',
        'm',
        '--env-sec',
        's',
        '--env-sec',
        's:B',
        '--depends-on',
        'd',
      ),
    ),
    mounts: [{ directory: 'm', from: 'secret', name: 's' }],
    name: 'sum',
  })

  test.each([
    [['--ac'], { arguments: [] }],
    [['--arguments-clear', '--cc'], { arguments: [], command: [] }],
    [['--commands-clear'], { command: [] }],
    [['--env-rm', 'A'], { environment: job.environment.filter((entry) => !('name' in entry && entry.name === 'A')) }],
    [['--env-rm', 'B', '--env-rm', 'A'], { environment: job.environment.filter(({ kind }) => kind === 'all') }],
    [['--env-from-configmap-rm', 'm'], { environment: job.environment.slice(1) }],
    [['--env-from-secret-rm', 's'], { environment: [job.environment[0], ...job.environment.slice(2)] }],
    [['--mount-rm', 'm'], { mounts: [] }],
    [['--depends-on-rm', 'd'], { dependsOn: [] }],
  ])('by %j is that and nothing else', (words, expected) => {
    expect(withoutRemoved(job, options(...words))).toEqual({ ...job, ...expected })
  })

  test.each([
    ['--env-rm', 'm'],
    ['--env-from-configmap-rm', 's'],
    ['--env-from-secret-rm', 'B'],
    ['--mount-rm', '/'],
    ['--depends-on-rm', ''],
  ] as const)('by %s has to be there', (option, name) => {
    expect(() => withoutRemoved(job, options(option, name))).toThrow(`${option} ${name}: the job has none of that name`)
  })
})
