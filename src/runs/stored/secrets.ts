import type { Cancellable } from '../../backend.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import { ValueSets } from './value-sets.ts'
import type { Named } from './versioned-contents.ts'

/** A secret without its values, which only the programs get that refer to it. */
export interface Secret extends Named {
  readonly keys: readonly string[]
}

/** Passwords and the like for programs, as variables or files: `runs.secrets`. Whoever may read the bucket's `secrets/` can read them. */
export class Secrets extends ValueSets {
  constructor(open: () => Promise<Workspace>) {
    super(open, 'secret')
  }

  /** The keys of the secret of that name, or `undefined`. */
  async get(name: string, options: Cancellable = {}): Promise<Secret | undefined> {
    const found = await this.contents.get(name, options)
    return found && { name, version: found.version, updatedAt: found.updatedAt, keys: Object.keys(found.content) }
  }
}
