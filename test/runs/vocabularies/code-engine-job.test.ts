import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { definitionFrom } from '../../../src/runs/definition/merge.ts'
import { readJob, readJobRun, writeJob } from '../../../src/runs/vocabularies/code-engine-job.ts'
import { DocumentError, Place } from '../../../src/runs/vocabularies/document.ts'
import { anything, definitions, plain } from './arbitraries.ts'

const about = { version: 3, updatedAt: new Date('2026-01-31T08:00:00Z') }
const simple = { name: 'sum', run_commands: ['sum'] }
const read = (value: unknown) => readJob(new Place(value, 'jobs[0]'))

/** As the API's documentation has it, with what only the server says. */
const shown = {
  name: 'my-job',
  id: 'e33b1cv7-7390-4437-a5c2-130d5ccdddc3',
  href: 'https://api.example.com/v2/projects/1/jobs/my-job',
  region: 'eu-de',
  project_id: '4e49b3e0-27a8-48d2-a784-c7ee48bb863b',
  created_at: '2022-09-13T11:41:35+02:00',
  entity_tag: '2385407409',
  resource_type: 'job_v2',
  image_reference: 'icr.io/codeengine/helloworld',
  run_arguments: ['-la'],
  run_commands: [],
  run_env_variables: [
    { type: 'literal', name: 'LEVEL', value: 'debug' },
    { name: 'EMPTY' },
    { type: 'config_map_full_reference', reference: 'settings', prefix: 'S_' },
    { type: 'config_map_key_reference', name: 'PORT', reference: 'settings', key: 'port' },
    { type: 'secret_full_reference', reference: 'db' },
    { type: 'secret_key_reference', name: 'PASSWORD', reference: 'db', key: 'password' },
  ],
  run_mode: 'task',
  run_service_account: 'default',
  run_volume_mounts: [{ type: 'secret', mount_path: '/mnt/db', name: 'codeengine-mount-1', reference: 'db' }],
  scale_array_spec: '1-5,7-8,10',
  scale_array_size_variable_override: 20,
  scale_cpu_limit: '1',
  scale_ephemeral_storage_limit: '512M',
  scale_max_execution_time: 3600,
  scale_memory_limit: '2G',
  scale_retry_limit: 2,
}

test('a job is read as the API of Code Engine shows it', () => {
  expect(read(shown)).toEqual(
    definitionFrom({
      name: 'my-job',
      image: 'icr.io/codeengine/helloworld',
      arguments: ['-la'],
      environment: [
        { kind: 'literal', name: 'LEVEL', value: 'debug' },
        { kind: 'literal', name: 'EMPTY', value: '' },
        { kind: 'all', from: 'config map', reference: 'settings', prefix: 'S_' },
        { kind: 'key', from: 'config map', name: 'PORT', reference: 'settings', key: 'port' },
        { kind: 'all', from: 'secret', reference: 'db', prefix: '' },
        { kind: 'key', from: 'secret', name: 'PASSWORD', reference: 'db', key: 'password' },
      ],
      mounts: [{ directory: '/mnt/db', from: 'secret', name: 'db' }],
      arrayIndexes: '1-5,7-8,10',
      arraySizeOverride: 20,
      ephemeralStorage: 512e6,
      maxExecutionSeconds: 3600,
      memory: 2e9,
      retryLimit: 2,
    }),
  )
})

test('a job is written with the names of the API, and ours apart', () => {
  const definition = definitionFrom({
    name: 'sum',
    command: ['sum'],
    mode: 'daemon',
    parallelism: 2,
    environment: [{ kind: 'literal', name: 'A', value: '1' }],
  })
  expect(writeJob({ definition, ...about })).toEqual({
    name: 'sum',
    entity_tag: '3',
    resource_type: 'job_v2',
    run_commands: ['sum'],
    run_arguments: [],
    run_env_variables: [{ type: 'literal', name: 'A', value: '1' }],
    run_volume_mounts: [],
    run_mode: 'daemon',
    scale_array_spec: '0',
    scale_cpu_limit: '1',
    scale_memory_limit: '4G',
    scale_ephemeral_storage_limit: '400M',
    remotejob: { updated_at: '2026-01-31T08:00:00.000Z', parallelism: 2, ttl_seconds_after_finish: 604_800 },
  })
})

test('what is written is read as it was, whatever it is', () => {
  fc.assert(
    fc.property(definitions, (definition) => {
      const json: unknown = JSON.parse(JSON.stringify(writeJob({ definition, ...about })))
      expect(plain(read(json))).toEqual(plain(definition))
    }),
  )
})

describe('a job is refused where it is wrong, by its place in the document, with', () => {
  test.each([
    [[], 'Expected `jobs[0]` to be an object, got a list'],
    ['x', 'Expected `jobs[0]` to be an object, got text'],
    [{}, 'Expected `jobs[0].name` to be the job’s name, got nothing'],
    [{ ...simple, name: 7 }, 'Expected `jobs[0].name` to be text, got a number'],
    [{ ...simple, name: 'A' }, 'Expected `jobs[0].name` to be 1 to 63 lower-case letters'],
    [
      { ...simple, run_command: ['x'] },
      'Expected `jobs[0].run_command` to be left out, since what there may be is name, image_reference',
    ],
    [{ ...simple, 'a\nb': 1 }, 'Expected `jobs[0]["a\\nb"]` to be left out'],
    [{ name: 'sum' }, 'Expected an `jobs[0].image_reference` for a container, or a `jobs[0].run_commands`'],
    [{ ...simple, run_commands: 'sum' }, 'Expected `jobs[0].run_commands` to be a list, got text'],
    [{ ...simple, run_arguments: ['a', 1] }, 'Expected `jobs[0].run_arguments[1]` to be text, got a number'],
    [
      { ...simple, run_env_variables: [{ name: 'A B', value: '' }] },
      'Expected `jobs[0].run_env_variables[0]` to be a variable',
    ],
    [
      { ...simple, run_env_variables: [{ name: 'A=B', value: 'c' }] },
      'Expected `jobs[0].run_env_variables[0]` to be a variable',
    ],
    [
      { ...simple, run_env_variables: [{ name: 'A', value: 42 }] },
      'Expected `jobs[0].run_env_variables[0].value` to be text, got a number',
    ],
    [
      { ...simple, run_env_variables: [{ type: 'x' }] },
      'Expected `jobs[0].run_env_variables[0].type` to be one of literal, config_map_full_reference',
    ],
    [
      { ...simple, run_env_variables: [{ type: 'secret_key_reference', name: 'A', reference: 's' }] },
      'Expected `jobs[0].run_env_variables[0].key` to be text with the type secret_key_reference, got nothing',
    ],
    [
      { ...simple, run_env_variables: [{ type: 'secret_full_reference', reference: '../x' }] },
      'Expected `jobs[0].run_env_variables[0]` to be the name of a secret',
    ],
    [
      { ...simple, run_volume_mounts: [{ type: 'secret', mount_path: 'a:b', reference: 'b' }] },
      'Expected `jobs[0].run_volume_mounts` to be folders',
    ],
    [
      { ...simple, run_volume_mounts: [{ mount_path: '/a', reference: 'b' }] },
      'Expected `jobs[0].run_volume_mounts[0].type` to be config_map or secret',
    ],
    [{ ...simple, scale_array_spec: '5-1' }, 'Expected `jobs[0].scale_array_spec` to be indexes'],
    [{ ...simple, scale_array_spec: 5 }, 'Expected `jobs[0].scale_array_spec` to be text, got a number'],
    [{ ...simple, scale_cpu_limit: '3' }, 'Expected `jobs[0].scale_cpu_limit` to be one of 0.125'],
    [{ ...simple, scale_memory_limit: '4Gi' }, 'Expected `jobs[0].scale_memory_limit` to be a size'],
    [{ ...simple, scale_retry_limit: 6 }, 'Expected `jobs[0].scale_retry_limit` to be an integer from 0 to 5, got 6'],
    [{ ...simple, scale_retry_limit: 1.5 }, 'Expected `jobs[0].scale_retry_limit` to be a whole number, got 1.5'],
    [
      { ...simple, run_mode: 'daemon', scale_retry_limit: 1 },
      'Expected `jobs[0].scale_retry_limit` to be left out with the mode daemon',
    ],
    [{ ...simple, run_as_user: 1001 }, 'Expected `jobs[0].run_as_user` to be left out'],
    [{ ...simple, image_secret: 'x' }, 'Expected `jobs[0].image_secret` to be left out'],
    [{ ...simple, remotejob: { parallelism: 0 } }, 'Expected `jobs[0].remotejob.parallelism` to be an integer from 1'],
    [{ ...simple, remotejob: { more: 0 } }, 'Expected `jobs[0].remotejob.more` to be left out'],
  ])('%j', (value, message) => {
    expect(() => read(value)).toThrow(message)
    expect(() => read(value)).toThrow(DocumentError)
  })
})

test('no value of a variable is in a refusal', () => {
  for (const variable of [
    { name: '1', value: 'hunter2' },
    { name: 'A', value: 'hunter2\0' },
    { name: 'A', value: 'x', other: 'hunter2' },
    { name: 'A', value: ['hunter2'] },
  ])
    expect(() => read({ ...simple, run_env_variables: [variable] })).toThrow(/^(?!.*hunter2)/s)
})

test('whatever a document is, it is read or refused, and nothing else happens', () => {
  const value = fc.oneof(
    anything,
    fc.record(
      {
        name: fc.constant('sum'),
        run_commands: anything,
        run_env_variables: fc.oneof(anything, fc.array(anything)),
        run_volume_mounts: fc.oneof(anything, fc.array(anything)),
        scale_array_spec: anything,
        remotejob: anything,
      },
      { requiredKeys: [] },
    ),
  )
  fc.assert(
    fc.property(value, (document) => {
      try {
        expect(read(document).name).toBe('sum')
      } catch (error) {
        expect(error).toBeInstanceOf(DocumentError)
      }
    }),
  )
})

test('members that objects have by themselves are none of a document', () => {
  expect(() => read(JSON.parse('{ "__proto__": { "name": "sum" } }'))).toThrow(
    'Expected `jobs[0].__proto__` to be left out',
  )
  expect(() => read({ ...simple, constructor: 'x' })).toThrow('Expected `jobs[0].constructor` to be left out')
})

test('a run is read with its job’s name, its own, and what it says instead', () => {
  const run = readJobRun(new Place({ name: 'run-1', job_name: 'sum', run_arguments: ['x'], scale_array_spec: '0-9' }))
  expect(run).toMatchObject({ runName: 'run-1', jobName: 'sum', overrides: { arguments: ['x'], arrayIndexes: '0-9' } })
  expect(() => readJobRun(new Place({ name: 1 }))).toThrow('Expected `name` to be text')
})
