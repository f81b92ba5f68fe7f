import fc from 'fast-check'
import { expect, test } from 'vitest'
import { refusalOf, setup } from './setup.ts'

const common = ['name', 'id', 'entity_tag', 'resource_type']
const ofJob = ['image_reference', 'run_commands', 'run_arguments', 'run_env_variables', 'run_volume_mounts', 'run_mode']
const scale = [
  'array_spec',
  'cpu_limit',
  'memory_limit',
  'ephemeral_storage_limit',
  'max_execution_time',
  'retry_limit',
]
const members: Readonly<Record<string, readonly string[]>> = {
  jobs: [...common, ...ofJob, ...scale.map((name) => `scale_${name}`), 'remotejob'],
  job_runs: [...common, 'job_name', ...ofJob, ...scale.map((name) => `scale_${name}`), 'remotejob'],
  config_maps: [...common, 'data'],
  secrets: [...common, 'format', 'data'],
}
const inner = [
  'type',
  'name',
  'value',
  'key',
  'reference',
  'prefix',
  'mount_path',
  'parallelism',
  'slimfaas',
  '__proto__',
]

const name = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('a', 'b', 'sum') },
  fc.string({ maxLength: 12 }),
  fc.constantFrom('..', '__proto__', 'a/b'),
)
const scalar = fc.oneof(
  fc.constantFrom(
    null,
    true,
    0,
    -1,
    1.5,
    1e308,
    '',
    '1',
    '2G',
    '0-3',
    'task',
    'daemon',
    'generic',
    'tls',
    'literal',
    '\0',
    '\uD800',
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.integer(),
)
const value = fc.oneof(
  { depthSize: 'small' },
  scalar,
  fc.array(fc.oneof(scalar, fc.dictionary(fc.constantFrom(...inner), scalar)), { maxLength: 3 }),
  fc.dictionary(fc.oneof(fc.constantFrom(...inner), fc.string({ maxLength: 5 })), fc.jsonValue({ maxDepth: 2 }), {
    maxKeys: 4,
  }),
)

/** Mostly nothing, so that some of what is asked can be. */
const seldom = <Value>(arbitrary: fc.Arbitrary<Record<string, Value>>) =>
  fc.oneof({ weight: 2, arbitrary: fc.constant<Record<string, Value>>({}) }, { weight: 1, arbitrary })

const request = fc.constantFrom(...Object.keys(members)).chain((kind) =>
  fc.record({
    kind: fc.constant(kind),
    method: fc.constantFrom('POST', 'GET', 'PATCH', 'PUT', 'DELETE'),
    path: fc.option(name, { nil: undefined }),
    query: seldom(
      fc.dictionary(fc.constantFrom('limit', 'start', 'job_name', 'format', 'version'), fc.string({ maxLength: 8 })),
    ),
    tag: fc.oneof(fc.constantFrom('*', '1', '"2"', 'W/"1"'), fc.string({ unit: 'grapheme-ascii', maxLength: 5 })),
    // Most have what there has to be, and some something that may not be.
    isWhole: fc.boolean(),
    own: name,
    more: seldom(
      fc.dictionary(fc.oneof(fc.constantFrom(...(members[kind] ?? [])), fc.string({ maxLength: 5 })), value, {
        maxKeys: 2,
      }),
    ),
  }),
)

const whole: Readonly<Record<string, object>> = {
  jobs: { run_commands: ['true'] },
  job_runs: { run_commands: ['true'] },
  config_maps: { data: { a: 'b' } },
  secrets: { format: 'generic', data: { a: 'b' } },
}

test('whatever is asked, the answer is one of Code Engine’s', { timeout: 120_000 }, async () => {
  const reported: unknown[] = []
  const { ask, runs, directory } = await setup({ onError: (error) => reported.push(error) })
  await runs.jobs.create({ name: 'sum', command: ['true'] })
  const seen = new Set<number>()
  await fc.assert(
    fc.asyncProperty(request, async ({ kind, method, path, query, tag, isWhole, own, more }) => {
      const where = method === 'POST' || path === undefined ? '' : `/${encodeURIComponent(path)}`
      const json =
        method === 'GET' || method === 'DELETE' ? undefined : { ...(isWhole && { ...whole[kind], name: own }), ...more }
      const answer = await ask(method, `/runs/${kind}${where}?${new URLSearchParams(query).toString()}`, {
        json,
        headers: { 'If-Match': tag },
      })
      seen.add(answer.status)
      expect(answer.status).toBeLessThan(500)
      if (answer.status >= 300) expect(refusalOf(answer)).toMatchObject({ status: answer.status })
      expect(answer.text).not.toContain(directory)
      expect(answer.text).not.toMatch(/\.ts:\d/)
    }),
    { numRuns: 1000 },
  )
  expect(reported).toEqual([])
  expect([...seen].toSorted()).toEqual(expect.arrayContaining([200, 201, 202, 400, 404, 409, 412]))
})
