import { hasCode, RemoteJobError } from '../../errors.ts'
import { forEachOf } from '../../for-each-of.ts'
import { canonicalJson, jsonFrom } from '../../protocol/json.ts'
import type { Runs } from '../../runs.ts'
import type { JobDefinition } from '../../runs/definition/job-definition.ts'
import { said } from '../../runs/definition/merge.ts'
import { referencesOf } from '../../runs/stored/references.ts'

/** A job, and what becomes of it. */
export interface JobChange {
  readonly definition: JobDefinition
  readonly change: 'created' | 'changed' | 'unchanged'
}

/** Compares what is described with what is stored. */
export function planJobs(runs: Runs, definitions: readonly JobDefinition[]): Promise<readonly JobChange[]> {
  return forEachOf(definitions, 10, async (definition): Promise<JobChange> => {
    const stored = await runs.jobs.get(definition.name)
    if (!stored) return { definition, change: 'created' }
    return { definition, change: same(stored.definition, definition) ? 'unchanged' : 'changed' }
  })
}

/** Does what was planned. Who does the same at the same time may be the one that creates the job. */
export async function storeJob(
  runs: Runs,
  { definition, change }: JobChange,
  { force }: { readonly force?: boolean | undefined },
): Promise<void> {
  if (change === 'unchanged') return
  try {
    if (change === 'created') return void (await runs.jobs.create(said(definition), { force }))
  } catch (error) {
    if (!hasCode(error, 'ID_IN_USE')) throw error
  }
  await runs.jobs.update(definition.name, () => definition, { force })
}

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

function same(one: JobDefinition, other: JobDefinition): boolean {
  return canonicalJson(jsonFrom(one, 'definition')) === canonicalJson(jsonFrom(other, 'definition'))
}
