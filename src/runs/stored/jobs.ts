import type { Cancellable } from '../../backend.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import { jsonFrom } from '../../protocol/json.ts'
import { checkDefinition, checkJobName } from '../definition/check-definition.ts'
import type { JobDefinition, Overrides } from '../definition/job-definition.ts'
import { definitionFrom, mergeDefinition } from '../definition/merge.ts'
import { isDefinition } from '../definition/read-definition.ts'
import { checkReferences, type ReferenceOptions } from './references.ts'
import { type ChangeOptions, type Dated, type Named, type Versioned, VersionedContents } from './versioned-contents.ts'

/** A stored definition, and which version of it. */
export interface StoredJob extends Dated {
  readonly definition: JobDefinition
}

/** What becomes of runs whose job is deleted. */
export interface DeleteJobOptions extends Cancellable {
  /** Leaves the job's runs alone. @default false, which deletes them */
  readonly orphanJobRuns?: boolean | undefined
}

/** Stored definitions that runs are made from: `runs.jobs`. */
export class Jobs {
  readonly #open: () => Promise<Workspace>
  readonly #stored: VersionedContents<JobDefinition>
  readonly #deleteRuns: (jobName: string, options: Cancellable) => Promise<void>

  constructor(open: () => Promise<Workspace>, deleteRuns: (jobName: string, options: Cancellable) => Promise<void>) {
    this.#open = open
    this.#deleteRuns = deleteRuns
    this.#stored = new VersionedContents(open, {
      folder: 'definitions/',
      noun: 'job',
      checkName: checkJobName,
      toJson: (definition) => jsonFrom(definition, 'definition'),
      fromJson: (json) => (isDefinition(json) ? json : undefined),
    })
  }

  /**
   * Stores a definition, with defaults for what is not said.
   * @throws RemoteJobError `INVALID_ARGUMENT`, `ID_IN_USE` for a name that is taken, `NOT_FOUND` for a config map or secret that there is not
   */
  async create(
    definition: Overrides & Pick<JobDefinition, 'name'>,
    { force, signal }: ReferenceOptions = {},
  ): Promise<StoredJob> {
    const whole = definitionFrom(definition)
    await checkReferences(this.#open, whole, { force, signal })
    return storedJob(await this.#stored.create(whole.name, whole, { signal }))
  }

  /**
   * Changes a definition: by members that replace its own (environments are merged by name), or by a function from the old to the new
   * one, which may be called again when somebody else changes it at the same time. Runs that were submitted keep what they had.
   * @throws RemoteJobError `INVALID_ARGUMENT`, `NOT_FOUND`, and `CONFLICT` when `version` is not the one that is there
   */
  async update(
    name: string,
    change: Overrides | ((definition: JobDefinition) => JobDefinition),
    { force, ...options }: ChangeOptions & ReferenceOptions = {},
  ): Promise<StoredJob> {
    const apply = (before: JobDefinition): JobDefinition => {
      if (typeof change !== 'function') return mergeDefinition(before, change)
      const after = { ...change(before), name }
      checkDefinition(after)
      return after
    }
    const before = await this.#stored.get(name, options)
    if (!before) throw this.#stored.missing(name)
    await checkReferences(this.#open, apply(before.content), { force, signal: options.signal })
    return storedJob(await this.#stored.change(name, apply, options))
  }

  /** The definition of that name, or `undefined`. */
  async get(name: string, options: Cancellable = {}): Promise<StoredJob | undefined> {
    const found = await this.#stored.get(name, options)
    return found && storedJob(found)
  }

  /** The names of all definitions, in order. */
  async list(options: Cancellable = {}): Promise<readonly Named[]> {
    return this.#stored.list(options)
  }

  /** Deletes a definition and, unless told otherwise, its runs; false when there was none. What was left half-way can be deleted again. */
  async delete(name: string, { orphanJobRuns = false, signal }: DeleteJobOptions = {}): Promise<boolean> {
    const existed = await this.#stored.delete(name, { signal })
    if (!orphanJobRuns) await this.#deleteRuns(name, { signal })
    return existed
  }
}

function storedJob({ content: definition, ...job }: Versioned<JobDefinition>): StoredJob {
  return { ...job, definition }
}
