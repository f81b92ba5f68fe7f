import { RemoteJobError } from '../../errors.ts'
import type { Runs } from '../../runs.ts'
import type { JobDefinition } from '../../runs/definition/job-definition.ts'
import { referencesOf } from '../../runs/stored/references.ts'

/** @throws RemoteJobError `NOT_FOUND` for a config map or secret that there is not, before anything is stored */
export async function checkReferences(runs: Runs, definitions: readonly JobDefinition[]): Promise<void> {
  const references = definitions.flatMap((job) =>
    referencesOf(job).map((reference) => ({ ...reference, job: job.name })),
  )
  if (references.length === 0) return
  const known = {
    'config map': new Set((await runs.configMaps.list()).map(({ name }) => name)),
    secret: new Set((await runs.secrets.list()).map(({ name }) => name)),
  }
  const missing = references.find(({ from, name }) => !known[from].has(name))
  if (!missing) return
  const what = `There is no ${missing.from} "${missing.name}", which the job "${missing.job}" refers to`
  throw new RemoteJobError('NOT_FOUND', `${what}: create it first, or say --force to do that later`)
}
