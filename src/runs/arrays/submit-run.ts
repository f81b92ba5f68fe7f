import { randomBytes } from 'node:crypto'
import { RemoteJobError } from '../../errors.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import { checkNewRunName } from '../definition/check-definition.ts'
import { checkReferences, type ReferenceOptions } from '../stored/references.ts'
import type { RunRecord } from './run-record.ts'
import { startRun } from './start-run.ts'

/** What is run, and under which name. */
export interface RunToBe extends Pick<RunRecord, 'definition' | 'job' | 'requestHash'> {
  /** @default the job's, with `-jobrun-` and five characters */
  readonly runName?: string | undefined
}

/**
 * Submits a run: two small objects and one message, however many indexes it has. Resolves its name.
 * @throws RemoteJobError `INVALID_ARGUMENT`, `ID_IN_USE`, `NOT_FOUND`, `UNSUPPORTED`
 */
export async function submitRun(
  w: Workspace,
  { definition, job, runName, requestHash }: RunToBe,
  { force, signal }: ReferenceOptions,
): Promise<string> {
  const name = runName ?? newRunName(definition.name)
  checkNewRunName(name, definition)
  await checkReferences(() => Promise.resolve(w), definition, { force, signal })
  const uid = randomBytes(8).toString('hex')
  const run = { v: 1, name, uid, definition, job, requestHash, submittedAt: Date.now() } as const
  if (await startRun(w, run, { signal })) return name
  throw new RemoteJobError(
    'ID_IN_USE',
    `There is a run "${name}" already, or was one within the last month: choose another name, or delete it`,
  )
}

/** A name for a run of a job. */
export function newRunName(job: string): string {
  return `${job.slice(0, 40)}-jobrun-${randomBytes(3).toString('hex').slice(0, 5)}`
}
