import type { Cancellable } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import { checkObject } from './definition/check-members.ts'
import type { JobDefinition, Overrides } from './definition/job-definition.ts'
import { checkRunImage, definitionFrom, mergeDefinition } from './definition/merge.ts'
import type { Jobs } from './stored/jobs.ts'

interface RunName {
  /** The run's name, at most 53 characters, which no other run has. @default the job's, with `-jobrun-` and five characters */
  readonly runName?: string | undefined
}

/** A definition of the run's own. */
export interface InlineRun extends RunName, Overrides {
  /** The job's name, 1 to 63 lower-case letters, digits and `-`. */
  readonly name: string
  readonly job?: undefined
}

/** A stored job, and what this run has otherwise. */
export interface JobRun extends RunName, Omit<Overrides, 'name'> {
  /** The name of the stored definition. */
  readonly job: string
}

/** What is run, under the name of this run. */
export type RunRequest = InlineRun | JobRun

/**
 * What a run is made from: all of it, so that a later change of the job changes no run.
 * @throws RemoteJobError `INVALID_ARGUMENT`, `NOT_FOUND` for a job that is not stored
 */
export async function definitionOf(request: RunRequest, jobs: Jobs, options: Cancellable): Promise<JobDefinition> {
  checkObject('request', request)
  if (request.job === undefined) {
    const { runName: _, job: _none, ...given } = request
    return definitionFrom(given)
  }
  const { runName: _, job, ...given } = request
  const stored = await jobs.get(job, options)
  if (!stored) throw new RemoteJobError('NOT_FOUND', `There is no job "${job}" (\`job\`): check the name, or create it`)
  checkRunImage(stored.definition, given.image)
  return mergeDefinition(stored.definition, given)
}
