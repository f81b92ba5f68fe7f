import { isUtf8 } from 'node:buffer'
import type { Cancellable } from '../../backend.ts'
import { isRemoteJobError } from '../../errors.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import { type EnvironmentEntry, isVariable } from '../definition/environment-entry.ts'
import type { JobDefinition } from '../definition/job-definition.ts'
import { fitsVariable } from '../programs/environment.ts'
import type { MountedFolder } from '../programs/mounts.ts'
import { contentsOf, type Reference, referencesOf } from './references.ts'
import type { Value, Values } from './values.ts'

/** What a program is given by its definition, with all references looked up. */
export interface Resolved {
  readonly variables: Readonly<Record<string, string>>
  readonly mounts: readonly MountedFolder[]
}

/** Wherever it is named. */
type Target = Pick<Reference, 'from' | 'name'>
type Lookup = (reference: Target) => Values

/**
 * Looks up what a definition refers to, as it is now: each config map and secret once. Of variables with one name the last counts.
 * @throws Error with the code `ConfigMapNotFound`, `SecretNotFound`, `ConfigMapNotReadable` or `SecretNotReadable`
 */
export async function resolveReferences(
  w: Workspace,
  definition: JobDefinition,
  options: Cancellable,
): Promise<Resolved> {
  const found = new Map<string, Values>()
  for (const reference of referencesOf(definition)) found.set(keyOf(reference), await read(w, reference, options))
  const lookup: Lookup = (reference) => found.get(keyOf(reference)) ?? {}
  return {
    variables: Object.fromEntries(definition.environment.flatMap((entry) => variablesOf(entry, lookup))),
    mounts: definition.mounts.map(({ directory, ...reference }) => ({ directory, files: lookup(reference) })),
  }
}

const keyOf = ({ from, name }: Target): string => `${from} ${name}`

async function read(w: Workspace, reference: Target, options: Cancellable): Promise<Values> {
  const { from, name } = reference
  try {
    const stored = await contentsOf(() => Promise.resolve(w), from).get(name, options)
    if (stored) return stored.content
  } catch (error) {
    if (!isRemoteJobError(error)) throw error
    throw failure(reference, 'NotReadable', `cannot be read: ${error.message}`)
  }
  throw failure(reference, 'NotFound', 'is not there')
}

function variablesOf(entry: EnvironmentEntry, lookup: Lookup): (readonly [string, string])[] {
  if (entry.kind === 'literal') return [[entry.name, entry.value]]
  const reference = { from: entry.from, name: entry.reference }
  const values = lookup(reference)
  if (entry.kind === 'key') {
    const value = Object.hasOwn(values, entry.key) ? values[entry.key] : undefined
    if (value === undefined) throw failure(reference, 'NotFound', `has no key "${entry.key}"`)
    return [[entry.name, textOf(reference, entry.key, value)]]
  }
  // As in Kubernetes, keys that no variable can be called are for mounts only.
  return Object.entries(values)
    .filter(([key]) => isVariable(entry.prefix + key))
    .map(([key, value]) => [entry.prefix + key, textOf(reference, key, value)])
}

/** Never says what the value is. */
function textOf(reference: Target, key: string, value: Value): string {
  const text = typeof value === 'string' ? value : isUtf8(value) ? Buffer.from(value).toString() : undefined
  if (text !== undefined && fitsVariable(text)) return text
  throw failure(
    reference,
    'NotReadable',
    `has a value under "${key}" that no variable can have, too large or with bytes that are no text: mount it as a file`,
  )
}

function failure({ from, name }: Target, what: 'NotFound' | 'NotReadable', why: string): Error {
  const code = `${from === 'secret' ? 'Secret' : 'ConfigMap'}${what}`
  return Object.assign(new Error(`The ${from} "${name}" ${why}`), { code })
}
