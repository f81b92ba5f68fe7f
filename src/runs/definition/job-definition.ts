import type { EnvironmentEntry } from './environment-entry.ts'
import type { Quantities } from './lower-resources.ts'
import type { Mount } from './mount.ts'

/**
 * What a job is: the one form that the vocabularies of IBM Code Engine and of SlimFaas are read into. A run is made from a copy of it.
 */
export interface JobDefinition {
  /** Lower-case letters, digits and `-`, 63 at most; `_` besides in the words of SlimFaas ({@link slimFaas}). */
  readonly name: string
  /** A container's image; without one the program is a process of the worker's machine. */
  readonly image?: string | undefined
  /** The program with its first arguments; in a container instead of the image's entrypoint. */
  readonly command: readonly string[]
  /** Arguments behind those of {@link command}. */
  readonly arguments: readonly string[]
  readonly environment: readonly EnvironmentEntry[]
  readonly mounts: readonly Mount[]
  /** `task` ends with its program; `daemon` is started again for ever, until it ends with exit code 0 or its run is deleted. */
  readonly mode: 'task' | 'daemon'
  /** The indexes that have an instance each, as `0,3,6-9`. */
  readonly arrayIndexes: string
  /** What the program is told as `JOB_ARRAY_SIZE`. Undefined: the number of indexes. */
  readonly arraySizeOverride?: number | undefined
  /** Processors, with fractions. */
  readonly cpu: number
  /** Bytes. */
  readonly memory: number
  /** Bytes. */
  readonly ephemeralStorage: number
  /** How often an index is tried again, from 0 to 5. */
  readonly retryLimit: number
  /** Seconds from the submission, from 1 to 86400, after which every index fails that has not ended. */
  readonly maxExecutionSeconds: number
  /** Instances at the same time over all machines. Undefined: no limit. */
  readonly parallelism?: number | undefined
  /** Runs or jobs that must have completed, and URLs that must answer 2xx. */
  readonly dependsOn: readonly string[]
  /** `private` is for callers from inside only. */
  readonly visibility: 'public' | 'private'
  /** Images that a run may choose instead, `*` for any characters. */
  readonly imagesWhitelist: readonly string[]
  /** Seconds for which a finished run can be seen. */
  readonly ttlSecondsAfterFinish: number
  /**
   * Of a job in SlimFaas's words: the most that a run may ask for. Such a job need not keep Code Engine's limits: its pairs of
   * processors and memory, and 5 retries.
   */
  readonly slimFaas?: SlimFaasResources | undefined
}

/** Resources as SlimFaas has them; `cpu` and `memory` of a definition are made from them. */
export interface SlimFaasResources {
  readonly requests: Quantities
  readonly limits: Quantities
}

/** What a run, or an update, says instead of what the definition says. A member that is undefined says nothing. */
export type Overrides = { readonly [Member in keyof JobDefinition]?: JobDefinition[Member] | undefined }

const week = 7 * 24 * 3600

/** What IBM Code Engine takes where nothing is said, and a week for finished runs. */
export const defaultDefinition: Omit<JobDefinition, 'name'> = {
  command: [],
  arguments: [],
  environment: [],
  mounts: [],
  mode: 'task',
  arrayIndexes: '0',
  cpu: 1,
  memory: 4e9,
  ephemeralStorage: 4e8,
  retryLimit: 3,
  maxExecutionSeconds: 7200,
  dependsOn: [],
  visibility: 'public',
  imagesWhitelist: [],
  ttlSecondsAfterFinish: week,
}
