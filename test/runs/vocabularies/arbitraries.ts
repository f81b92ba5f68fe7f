import fc from 'fast-check'
import type { EnvironmentEntry } from '../../../src/runs/definition/environment-entry.ts'
import type { JobDefinition } from '../../../src/runs/definition/job-definition.ts'
import { defined, definitionFrom } from '../../../src/runs/definition/merge.ts'

/** Values of JSON, and of what YAML makes beside it, none of which is a document that anybody meant. */
export const anything = fc.anything({ withDate: true, withNullPrototype: true, maxDepth: 3 })

const text = fc.string({ unit: 'binary', maxLength: 20 }).filter((one) => !one.includes('\0'))
const stored = fc.stringMatching(/^[a-z0-9]([a-z0-9.-]{0,10}[a-z0-9])?$/)
const variable = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,10}$/)
const from = fc.constantFrom('config map' as const, 'secret' as const)
const key = fc.stringMatching(/^[A-Za-z0-9._-]{1,10}$/).filter((one) => one !== '.' && one !== '..')

const literal = fc.record({ kind: fc.constant('literal' as const), name: variable, value: text })
const oneKey = fc.record({ kind: fc.constant('key' as const), from, reference: stored, name: variable, key })
const all = fc.record({
  kind: fc.constant('all' as const),
  from,
  reference: stored,
  prefix: fc.oneof(fc.constant(''), variable),
})

/** An environment that SlimFaas has words for, too. */
export const plainEntries: fc.Arbitrary<readonly EnvironmentEntry[]> = fc.array(fc.oneof(literal, oneKey), {
  maxLength: 5,
})
const entries: fc.Arbitrary<readonly EnvironmentEntry[]> = fc.array(fc.oneof(literal, oneKey, all), { maxLength: 5 })

const mounts = fc.uniqueArray(fc.record({ directory: fc.stringMatching(/^[\w -]{1,10}$/), from, name: stored }), {
  maxLength: 3,
  selector: ({ directory }) => directory,
})

const pair = fc.constantFrom([0.125, 5e8], [0.25, 1e9], [1, 2e9], [1, 8e9], [12, 48e9])
const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined })

/** What all definitions may say. */
export const common = {
  name: fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/),
  image: optional(fc.stringMatching(/^[a-z0-9./:@-]{1,30}$/)),
  command: fc.array(text, { maxLength: 3 }).map((words) => ['run', ...words]),
  parallelism: optional(fc.integer({ min: 1, max: 10_000 })),
  dependsOn: fc.array(text, { maxLength: 2 }),
  visibility: fc.constantFrom('public' as const, 'private' as const),
  imagesWhitelist: fc.array(text, { maxLength: 2 }),
  ttlSecondsAfterFinish: fc.nat(1e6),
}

/** Any definition that Code Engine could have. */
export const definitions: fc.Arbitrary<JobDefinition> = fc
  .record({
    ...common,
    arguments: fc.array(text, { maxLength: 4 }),
    environment: entries,
    mounts,
    mode: fc.constantFrom('task' as const, 'daemon' as const),
    arrayIndexes: fc.constantFrom('0', '0-9', '1,3-4,9999999'),
    arraySizeOverride: optional(fc.integer({ min: 1, max: 1e6 })),
    retryLimit: fc.integer({ min: 0, max: 5 }),
    maxExecutionSeconds: fc.integer({ min: 1, max: 86_400 }),
    pair,
  })
  .map(({ pair: [cpu, memory], mode, retryLimit, maxExecutionSeconds, ...more }) => {
    const limits = mode === 'task' ? { retryLimit, maxExecutionSeconds } : {}
    // Only a container has folders that begin at its root.
    const root = more.image === undefined ? '' : '/'
    const placed = more.mounts.map((mount) => ({ ...mount, directory: root + mount.directory }))
    return definitionFrom({ ...more, mounts: placed, mode, ...limits, cpu, memory, name: more.name })
  })

/** A definition as its JSON is: without members that are undefined. */
export const plain = (definition: JobDefinition): object => defined(definition)
