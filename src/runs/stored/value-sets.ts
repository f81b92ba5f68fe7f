import type { Cancellable } from '../../backend.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import type { Source } from '../definition/environment-entry.ts'
import { contentsOf } from './references.ts'
import { checkValues, type Values } from './values.ts'
import {
  type ChangeOptions,
  type Dated,
  type Named,
  type Versioned,
  type VersionedContents,
} from './versioned-contents.ts'

/** A change of what a config map or a secret holds. */
export interface ValueChangeOptions extends ChangeOptions {
  /** Keys that go, each of which must be there. @default none */
  readonly remove?: readonly string[] | undefined
}

/** What config maps and secrets have in common: all but whether their values can be seen. */
export class ValueSets {
  protected readonly contents: VersionedContents<Values>

  constructor(open: () => Promise<Workspace>, from: Source) {
    this.contents = contentsOf(open, from)
  }

  /**
   * Stores values under a name: 1 to 253 lower-case letters, digits, `.` and `-`.
   * @throws RemoteJobError `INVALID_ARGUMENT`, `ID_IN_USE` for a name that is taken
   */
  async create(name: string, values: Values, options: Cancellable = {}): Promise<Dated> {
    checkValues(values)
    return dated(await this.contents.create(name, values, options))
  }

  /**
   * Adds and replaces values; keys that are not named stay. Instances that start afterwards have the new ones.
   * @throws RemoteJobError `INVALID_ARGUMENT`, `NOT_FOUND`, also for a key that is to go, and `CONFLICT` when `version` is not the one that is there
   */
  async update(name: string, values: Values, { remove = [], ...options }: ValueChangeOptions = {}): Promise<Dated> {
    const change = (before: Values): Values => {
      const absent = remove.find((key) => !Object.hasOwn(before, key))
      if (absent !== undefined) throw this.contents.missing(name, absent)
      const kept = Object.entries(before).filter(([key]) => !remove.includes(key))
      const after = { ...Object.fromEntries(kept), ...values }
      checkValues(after)
      return after
    }
    return dated(await this.contents.change(name, change, options))
  }

  /**
   * Puts values in the place of all that there are.
   * @throws RemoteJobError `INVALID_ARGUMENT`, `NOT_FOUND`, and `CONFLICT` when `version` is not the one that is there
   */
  async replace(name: string, values: Values, options: ChangeOptions = {}): Promise<Dated> {
    checkValues(values)
    return dated(await this.contents.change(name, () => values, options))
  }

  /** The names of all there are, in order. */
  async list(options: Cancellable = {}): Promise<readonly Named[]> {
    return this.contents.list(options)
  }

  /** False when there was none. Instances that refer to it fail from then on. */
  async delete(name: string, options: Cancellable = {}): Promise<boolean> {
    return this.contents.delete(name, options)
  }
}

/** What is told of values without them. */
export function dated({ name, version, createdAt, updatedAt }: Versioned<Values>): Dated {
  return { name, version, createdAt, updatedAt }
}
