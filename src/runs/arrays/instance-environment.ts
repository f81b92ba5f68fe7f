import type { Job } from '../../job.ts'
import { parseIndexes } from '../definition/array-indexes.ts'
import { instanceName } from './run-keys.ts'
import type { RunRecord } from './run-record.ts'

/** What the program of an instance is told, as IBM Code Engine does, and of a job in SlimFaas's words as SlimFaas does. */
export function instanceEnvironment(
  { name, definition }: RunRecord,
  index: number,
  { attempt }: Pick<Job, 'attempt'>,
): Record<string, string> {
  const { arraySizeOverride, arrayIndexes, retryLimit, mode } = definition
  return {
    JOB_INDEX: String(index),
    JOB_ARRAY_SIZE: String(arraySizeOverride ?? parseIndexes(arrayIndexes).length),
    JOB_INDEX_RETRY_COUNT: String(attempt - 1),
    JOB_RETRY_LIMIT: String(retryLimit),
    JOB_MODE: mode,
    CE_JOB: definition.name,
    CE_JOBRUN: name,
    ...(definition.slimFaas && { SLIMFAAS_JOB_NAME: definition.name, SLIMFAAS_JOB_RUN_NAME: name }),
    HOSTNAME: instanceName(name, index, attempt - 1),
  }
}
