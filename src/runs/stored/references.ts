import type { Cancellable } from '../../backend.ts'
import { RemoteJobError } from '../../errors.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import type { Source } from '../definition/environment-entry.ts'
import type { JobDefinition } from '../definition/job-definition.ts'
import { configMapKind, secretKind } from './values.ts'
import { VersionedContents } from './versioned-contents.ts'

/** What may be missing for now. */
export interface ReferenceOptions extends Cancellable {
  /** Takes a definition whose config maps and secrets are not there yet. @default false */
  readonly force?: boolean | undefined
}

/** A config map or a secret that a definition names. */
export interface Reference {
  readonly from: Source
  readonly name: string
  /** Where it is named; first, if in both. */
  readonly member: 'environment' | 'mounts'
}

/** The config maps and secrets of a definition, each once. */
export function referencesOf({ environment, mounts }: JobDefinition): readonly Reference[] {
  const entries = environment.flatMap((entry) =>
    entry.kind === 'literal' ? [] : [{ from: entry.from, name: entry.reference, member: 'environment' } as const],
  )
  const mounted = mounts.map(({ from, name }) => ({ from, name, member: 'mounts' }) as const)
  // Of two with one name a map keeps the later.
  const all = [...mounted.toReversed(), ...entries.toReversed()]
  return [...new Map(all.map((one) => [`${one.from} ${one.name}`, one])).values()].toReversed()
}

/** What is kept of a source. */
export function contentsOf(open: () => Promise<Workspace>, from: Source) {
  return new VersionedContents(open, from === 'secret' ? secretKind : configMapKind)
}

/**
 * Whether all that a definition names is there; nothing of it is read, so whoever submits needs no right to read secrets.
 * @throws RemoteJobError `NOT_FOUND` that names what is missing
 */
export async function checkReferences(
  open: () => Promise<Workspace>,
  definition: JobDefinition,
  { force = false, signal }: ReferenceOptions,
): Promise<void> {
  if (force) return
  for (const { from, name, member } of referencesOf(definition)) {
    if (await contentsOf(open, from).has(name, { signal })) continue
    throw new RemoteJobError(
      'NOT_FOUND',
      `There is no ${from} "${name}", which the job's \`${member}\` names: create it first, or say \`force\` to do that later`,
    )
  }
}
