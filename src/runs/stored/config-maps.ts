import type { Cancellable } from '../../backend.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import { dated, ValueSets } from './value-sets.ts'
import type { Values } from './values.ts'
import type { Dated } from './versioned-contents.ts'

/** A config map with its values. */
export interface ConfigMap extends Dated {
  readonly values: Values
}

/** Configuration for programs, as variables or files: `runs.configMaps`. */
export class ConfigMaps extends ValueSets {
  constructor(open: () => Promise<Workspace>) {
    super(open, 'config map')
  }

  /** The config map of that name, or `undefined`. */
  async get(name: string, options: Cancellable = {}): Promise<ConfigMap | undefined> {
    const found = await this.contents.get(name, options)
    return found && { ...dated(found), values: found.content }
  }
}
