import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { defaultDefinition } from '../../../src/runs/definition/job-definition.ts'
import { definitionFrom, mergeDefinition } from '../../../src/runs/definition/merge.ts'
import { DocumentError, Place } from '../../../src/runs/vocabularies/document.ts'
import {
  overridesOf,
  readConfiguration,
  readRequest,
  writeConfiguration,
} from '../../../src/runs/vocabularies/slimfaas.ts'
import { anything, common, plain, plainEntries } from './arbitraries.ts'

/** As SlimFaas's documentation has it. */
const fibonacci = {
  Image: 'axaguildev/fibonacci-batch:latest',
  ImagesWhitelist: ['axaguildev/fibonacci-batch:*'],
  Resources: { Requests: { cpu: '400m', memory: '400Mi' }, Limits: { cpu: '400m', memory: '400Mi' } },
  DependsOn: ['fibonacci1'],
  Environments: [{ name: 'MY_ENV', value: 'someValue' }],
  BackoffLimit: 1,
  Visibility: 'Public',
  NumberParallelJob: 2,
  TtlSecondsAfterFinished: 36_000,
  RestartPolicy: 'Never',
}
const document = {
  Configurations: { fibonacci },
  Schedules: {
    fibonacci: [
      { Schedule: '0 0 * * *', Args: ['42'] },
      { Schedule: '0 0 * * 0', Args: ['42'], DependsOn: ['fibonacci2'] },
    ],
  },
}
const read = (value: unknown) => readConfiguration(new Place(value))

/** The definition of one entry. */
function definitionOf(entry: object, name = 'sum') {
  const [definition] = read({ Configurations: { [name]: entry } }).definitions
  if (!definition) throw new Error('There is none')
  return definition
}

describe('a configuration', () => {
  test('is read as the documentation of SlimFaas shows it', () => {
    const { definitions, schedules } = read(document)
    const quantities = { cpu: '400m', memory: '400Mi' }
    expect(definitions).toEqual([
      {
        ...defaultDefinition,
        name: 'fibonacci',
        image: fibonacci.Image,
        imagesWhitelist: fibonacci.ImagesWhitelist,
        cpu: 0.4,
        memory: 400 * 2 ** 20,
        dependsOn: ['fibonacci1'],
        environment: [{ kind: 'literal', name: 'MY_ENV', value: 'someValue' }],
        retryLimit: 1,
        visibility: 'public',
        parallelism: 2,
        ttlSecondsAfterFinish: 36_000,
        maxExecutionSeconds: 86_400,
        slimFaas: { requests: quantities, limits: quantities },
      },
    ])
    expect(
      schedules.map(({ jobName, schedule, overrides }) => [
        jobName,
        schedule,
        overrides.arguments,
        overrides.dependsOn,
      ]),
    ).toEqual([
      ['fibonacci', '0 0 * * *', ['42'], undefined],
      ['fibonacci', '0 0 * * 0', ['42'], ['fibonacci2']],
    ])
  })

  test('has SlimFaas’s defaults where it says nothing', () => {
    expect(definitionOf({ Command: ['sum'] })).toMatchObject({
      command: ['sum'],
      visibility: 'private',
      retryLimit: 1,
      parallelism: 1,
      ttlSecondsAfterFinish: 60,
      dependsOn: [],
      imagesWhitelist: [],
    })
    expect(definitionOf({ Command: ['sum'] }, 'Default')).toMatchObject({
      name: 'default',
      cpu: 0.1,
      memory: 100 * 2 ** 20,
    })
  })

  test('names jobs without case, and its schedules too; those of others are the default’s', () => {
    const job = { Command: ['sum'] }
    const { definitions, schedules } = read({
      Configurations: { Sum: job, Default: job },
      Schedules: { SUM: [{ Schedule: '* * * * *' }], other: [{ Schedule: '* * * * *' }] },
    })
    expect(definitions.map(({ name }) => name)).toEqual(['sum', 'default'])
    expect(schedules.map(({ jobName }) => jobName)).toEqual(['sum', 'default'])
  })

  test('may take variables from secrets and config maps', () => {
    const Environments = [
      { Name: 'A', Value: '1', SecretRef: null },
      { Name: 'B', Value: '', SecretRef: { Name: 'db', Key: 'password' }, ConfigMapRef: null },
      { Name: 'C', ConfigMapRef: { Name: 'settings', Key: 'level' } },
    ]
    expect(definitionOf({ Command: ['sum'], Environments }).environment).toEqual([
      { kind: 'literal', name: 'A', value: '1' },
      { kind: 'key', from: 'secret', name: 'B', reference: 'db', key: 'password' },
      { kind: 'key', from: 'config map', name: 'C', reference: 'settings', key: 'level' },
    ])
  })

  test('may have more tries than a job of Code Engine', () => {
    expect(definitionOf({ Command: ['sum'], BackoffLimit: 6 }).retryLimit).toBe(6)
  })

  test('that is written is read as it was', () => {
    const quantity = fc
      .tuple(fc.integer({ min: 1, max: 900 }), fc.constantFrom('Mi', 'Gi'))
      .map((parts) => parts.join(''))
    const amounts = fc.record({ cpu: fc.constantFrom('100m', '1', '1.5'), memory: quantity }, { requiredKeys: [] })
    const entry = fc.record({
      ...common,
      environment: plainEntries,
      requests: amounts,
      limits: amounts,
      retryLimit: fc.nat(99),
    })
    fc.assert(
      fc.property(entry, ({ requests, limits, parallelism = 1, ...given }) => {
        const base = definitionOf({ Command: ['x'], Resources: { Requests: requests, Limits: limits } })
        const definition = mergeDefinition({ ...base, name: given.name }, { ...given, parallelism })
        expect(plain(definitionOf(writeConfiguration(definition), definition.name))).toEqual(plain(definition))
      }),
    )
  })
})

describe('a configuration is refused where it is wrong, by its place, with', () => {
  const job = { Command: ['sum'] }
  test.each([
    [[], 'Expected the document to be an object, got a list'],
    [
      { configurations: {} },
      'Expected `configurations` to be left out, since what there may be is Configurations, Schedules',
    ],
    [{ Configurations: [] }, 'Expected `Configurations` to be an object, got a list'],
    [{ Configurations: { sum: 1 } }, 'Expected `Configurations.sum` to be an object, got a number'],
    [
      { Configurations: { sum: {} } },
      'Expected an `Configurations.sum.Image` for a container, or a `Configurations.sum.Command`',
    ],
    [{ Configurations: { sum: { Image: '' } } }, 'Expected an `Configurations.sum.Image` for a container'],
    [{ Configurations: { 'a b': job } }, 'Expected `Configurations["a b"].Name` to be 1 to 63 lower-case letters'],
    [{ Configurations: { sum: job, SUM: job } }, 'Expected `Configurations.SUM` to be there once'],
    [{ Configurations: { sum: { ...job, image: 'x' } } }, 'Expected `Configurations.sum.image` to be left out'],
    [
      { Configurations: { sum: { ...job, BackoffLimit: '1' } } },
      'Expected `Configurations.sum.BackoffLimit` to be a whole number, got text',
    ],
    [
      { Configurations: { sum: { ...job, BackoffLimit: -1 } } },
      'Expected `Configurations.sum.BackoffLimit` to be an integer from 0',
    ],
    [
      { Configurations: { sum: { ...job, TtlSecondsAfterFinished: -1 } } },
      'Expected `Configurations.sum.TtlSecondsAfterFinished` to be an integer from 0',
    ],
    [
      { Configurations: { sum: { ...job, NumberParallelJob: 0 } } },
      'Expected `Configurations.sum.NumberParallelJob` to be an integer from 1',
    ],
    [
      { Configurations: { sum: { ...job, Visibility: 'public' } } },
      'Expected `Configurations.sum.Visibility` to be one of Public, Private',
    ],
    [
      { Configurations: { sum: { ...job, RestartPolicy: 'Always' } } },
      'Expected `Configurations.sum.RestartPolicy` to be one of Never, OnFailure',
    ],
    [
      { Configurations: { sum: { ...job, DependsOn: 'a' } } },
      'Expected `Configurations.sum.DependsOn` to be a list, got text',
    ],
    [
      { Configurations: { sum: { ...job, Resources: { Limits: { cpu: 1 } } } } },
      'Expected `Configurations.sum.Resources.Limits.cpu` to be text, got a number',
    ],
    [
      { Configurations: { sum: { ...job, Resources: { Limits: { cpu: '1e3' } } } } },
      'Expected `Configurations.sum.Resources.Limits.cpu` to be a quantity',
    ],
    [
      { Configurations: { sum: { ...job, Resources: { Limits: { cpu: '0' } } } } },
      'Expected `Configurations.sum.Resources.Limits.cpu` to be a quantity',
    ],
    [
      { Configurations: { sum: { ...job, Resources: { Limits: { cpu: '9999' } } } } },
      'Expected `Configurations.sum.Resources.Limits.cpu` to be a number of processors',
    ],
    [
      { Configurations: { sum: { ...job, Resources: { Limits: { gpu: '1' } } } } },
      'Expected `Configurations.sum.Resources.Limits.gpu` to be left out',
    ],
    [
      { Configurations: { sum: { ...job, Environments: [{ Name: 'A B' }] } } },
      'Expected `Configurations.sum.Environments[0]` to be a variable',
    ],
    [
      { Configurations: { sum: { ...job, Environments: [{ Name: 'A', FieldRef: { FieldPath: 'x' } }] } } },
      'Expected `Configurations.sum.Environments[0].FieldRef` to be left out, since programs are in no pod',
    ],
    [{ Schedules: { sum: [] } }, 'Expected `Schedules.sum` to be the schedules of a job that is configured'],
    [
      { Configurations: { sum: job }, Schedules: { sum: [{}] } },
      'Expected `Schedules.sum[0].Schedule` to be when to run',
    ],
    [
      { Configurations: { sum: job }, Schedules: { sum: [{ Schedule: '* * * * *', Image: 'x' }] } },
      'Expected `Schedules.sum[0].Image` to be the configured image or one of ImagesWhitelist',
    ],
    [
      { Configurations: { sum: job }, Schedules: { sum: [{ Schedule: '* * * * *', Args: [1] }] } },
      'Expected `Schedules.sum[0].Args[0]` to be text',
    ],
  ])('%j', (value, message) => {
    expect(() => read(value)).toThrow(message)
    expect(() => read(value)).toThrow(DocumentError)
  })

  test('anything else, and nothing else happens', () => {
    const entry = fc.record(
      {
        Image: anything,
        Command: anything,
        Resources: anything,
        Environments: fc.array(anything),
        DependsOn: anything,
        BackoffLimit: anything,
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(
        fc.oneof(
          anything,
          fc.record(
            {
              Configurations: fc.oneof(anything, fc.dictionary(fc.string(), fc.oneof(anything, entry))),
              Schedules: anything,
            },
            { requiredKeys: [] },
          ),
        ),
        (value) => {
          try {
            expect(read(value).definitions).toBeInstanceOf(Array)
          } catch (error) {
            expect(error).toBeInstanceOf(DocumentError)
          }
        },
      ),
    )
  })
})

describe('a run of it', () => {
  const definition = definitionOf(fibonacci, 'fibonacci')
  const run = (body: unknown, of = definition) => {
    const { overrides, lowered } = overridesOf(of, readRequest(new Place(body)), new Place(body))
    return { ...mergeDefinition(of, overrides), lowered }
  }

  test('is the definition where it says nothing', () => {
    expect(run({})).toEqual({ ...definition, image: fibonacci.Image, lowered: [] })
  })

  test('says instead what the documentation has in its example', () => {
    const body = {
      Args: ['10'],
      DependsOn: ['fibonacci2'],
      Resources: { Requests: { cpu: '200m', memory: '200Mi' }, Limits: { cpu: '200m', memory: '200Mi' } },
      BackoffLimit: 2,
      TtlSecondsAfterFinished: 100,
      RestartPolicy: 'OnFailure',
    }
    expect(run(body)).toMatchObject({
      arguments: ['10'],
      dependsOn: ['fibonacci2'],
      cpu: 0.2,
      memory: 200 * 2 ** 20,
      retryLimit: 2,
      ttlSecondsAfterFinish: 100,
      lowered: [],
    })
  })

  test('has its own variables over the configured ones, and clears dependencies with an empty list', () => {
    const { environment, dependsOn } = run({
      Environments: [
        { Name: 'MY_ENV', Value: 'x' },
        { Name: 'B', Value: 'y' },
      ],
      DependsOn: [],
    })
    expect(environment).toEqual([
      { kind: 'literal', name: 'MY_ENV', value: 'x' },
      { kind: 'literal', name: 'B', value: 'y' },
    ])
    expect(dependsOn).toEqual([])
  })

  test('never has more resources than are configured, and is told which were lowered', () => {
    const { lowered, ...merged } = run({
      Resources: { Requests: { cpu: '1' }, Limits: { cpu: '300m', memory: '1Gi', 'ephemeral-storage': '1Gi' } },
    })
    expect(merged).toMatchObject({
      cpu: 0.3,
      memory: 400 * 2 ** 20,
      slimFaas: { requests: { cpu: '400m', memory: '400Mi' }, limits: { cpu: '300m', memory: '400Mi' } },
    })
    expect(lowered).toEqual(['Requests.cpu', 'Limits.memory', 'Limits.ephemeral-storage'])
  })

  test('has the configured image, or one that the whitelist has', () => {
    expect(run({ Image: 'axaguildev/fibonacci-batch:1.0.1' }).image).toBe('axaguildev/fibonacci-batch:1.0.1')
    expect(run({ Image: fibonacci.Image }, { ...definition, imagesWhitelist: [] }).image).toBe(fibonacci.Image)
    expect(run({ Image: '' }).image).toBe(fibonacci.Image)
    expect(() => run({ Image: 'evil' })).toThrow(
      'Expected `Image` to be the configured image or one of ImagesWhitelist, got "evil"',
    )
    expect(() => run({ Image: 'x' }, definitionOf({ Command: ['sum'] }))).toThrow(
      'Expected `Image` to be the configured image',
    )
  })

  test('appends its arguments to the command', () => {
    expect(run({ Args: ['-x', ''] }, definitionOf({ Command: ['sum', '-v'] }))).toMatchObject({
      command: ['sum', '-v'],
      arguments: ['-x', ''],
    })
  })

  test('is refused by the name of the member', () => {
    expect(() => run({ args: [] })).toThrow('Expected `args` to be left out')
    expect(() => run({ BackoffLimit: 1e6 })).toThrow('Expected `BackoffLimit` to be an integer from 0 to 999')
    expect(() => run(null)).toThrow('Expected the document to be an object, got nothing')
  })
})

test('a definition that is none of SlimFaas’s takes a request too, and keeps Code Engine’s limits', () => {
  const definition = definitionFrom({ name: 'sum', command: ['sum'] })
  const body = new Place({ Args: ['1'], Resources: { Limits: { cpu: '9' } } })
  expect(overridesOf(definition, readRequest(body), body)).toMatchObject({
    overrides: { arguments: ['1'] },
    lowered: [],
  })
  const six = new Place({ BackoffLimit: 6 })
  expect(() => overridesOf(definition, readRequest(six), six)).toThrow(
    'Expected `BackoffLimit` to be an integer from 0 to 5',
  )
})
