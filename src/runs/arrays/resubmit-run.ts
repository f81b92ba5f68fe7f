import type { Cancellable } from '../../backend.ts'
import { RemoteJobError } from '../../errors.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import { parseIndexes } from '../definition/array-indexes.ts'
import type { JobDefinition, Overrides } from '../definition/job-definition.ts'
import { checkRunImage, mergeDefinition } from '../definition/merge.ts'
import { refusal } from '../definition/refuse.ts'
import type { RunRecord } from './run-record.ts'
import { readSeenState } from './run-state.ts'

/** What a run has otherwise than the one that it is made from. */
export interface Resubmission extends Omit<Overrides, 'name'> {
  /** The new run's name. @default the job's, with `-jobrun-` and five characters */
  readonly runName?: string | undefined
  /** What is done to the definition of the first before the rest is put over it: it can take something away. @default nothing */
  readonly change?: ((definition: JobDefinition) => JobDefinition) | undefined
  /** Only the indexes that failed, which are told the same `JOB_ARRAY_SIZE` as before. @default false */
  readonly failed?: boolean | undefined
}

/** There is no failed index to run again. */
export class NothingFailedError extends RemoteJobError {
  constructor(run: string, status: string) {
    super(
      'INVALID_ARGUMENT',
      `The run "${run}" is ${status} and has no failed index to run again: leave out \`failed\` to run all of it`,
    )
  }
}

/**
 * The definition of a run that is made from an earlier one.
 * @throws RemoteJobError `INVALID_ARGUMENT`, also where nothing failed
 */
export async function redefine(
  w: Workspace,
  run: RunRecord,
  { runName: _, failed = false, change = (definition) => definition, ...overrides }: Resubmission,
  options: Cancellable,
): Promise<JobDefinition> {
  checkRunImage(run.definition, overrides.image)
  const before = change(run.definition)
  if (!failed) return mergeDefinition(before, overrides)
  if (overrides.arrayIndexes !== undefined)
    throw refusal('arrayIndexes', 'left out with `failed`, which says which indexes', overrides.arrayIndexes)
  const { arraySizeOverride, arrayIndexes } = run.definition
  return mergeDefinition(before, {
    ...overrides,
    arrayIndexes: await failedIndexes(w, run, options),
    arraySizeOverride: overrides.arraySizeOverride ?? arraySizeOverride ?? parseIndexes(arrayIndexes).length,
  })
}

async function failedIndexes(w: Workspace, run: RunRecord, options: Cancellable): Promise<string> {
  const { failed, status } = await readSeenState(w, run, options)
  if (failed !== '') return failed
  throw new NothingFailedError(run.name, status)
}
