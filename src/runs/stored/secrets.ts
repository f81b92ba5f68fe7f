import type { Cancellable } from '../../backend.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import type { ConfigMap } from './config-maps.ts'
import { dated, ValueSets } from './value-sets.ts'
import type { Dated } from './versioned-contents.ts'

/** A secret without its values, which only the programs get that refer to it. */
export interface Secret extends Dated {
  readonly keys: readonly string[]
}

/** Passwords and the like for programs, as variables or files: `runs.secrets`. Whoever may read the bucket's `secrets/` can read them. */
export class Secrets extends ValueSets {
  constructor(open: () => Promise<Workspace>) {
    super(open, 'secret')
  }

  /** The keys of the secret of that name, or `undefined`. */
  async get(name: string, options: Cancellable = {}): Promise<Secret | undefined> {
    const found = await this.reveal(name, options)
    if (!found) return undefined
    const { values, ...secret } = found
    return { ...secret, keys: Object.keys(values) }
  }

  /** The secret of that name with its values, or `undefined`: for who has to hand them on, and shows them to nobody else. */
  async reveal(name: string, options: Cancellable = {}): Promise<ConfigMap | undefined> {
    const found = await this.contents.get(name, options)
    return found && { ...dated(found), values: found.content }
  }
}
