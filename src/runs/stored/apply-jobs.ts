import { hasCode } from '../../errors.ts'
import { forEachOf } from '../../for-each-of.ts'
import { canonicalJson, jsonFrom } from '../../protocol/json.ts'
import type { JobDefinition } from '../definition/job-definition.ts'
import { said } from '../definition/merge.ts'
import type { Jobs } from './jobs.ts'

/** A job, and what becomes of it. */
export interface JobChange {
  readonly definition: JobDefinition
  readonly change: 'created' | 'changed' | 'unchanged'
}

/** Compares what is described with what is stored. */
export function planJobs(jobs: Jobs, definitions: readonly JobDefinition[]): Promise<readonly JobChange[]> {
  return forEachOf(definitions, 10, async (definition): Promise<JobChange> => {
    const stored = await jobs.get(definition.name)
    if (!stored) return { definition, change: 'created' }
    return { definition, change: same(stored.definition, definition) ? 'unchanged' : 'changed' }
  })
}

/** Does what was planned. Who does the same at the same time may be the one that creates the job. */
export async function storeJob(
  jobs: Jobs,
  { definition, change }: JobChange,
  { force }: { readonly force?: boolean | undefined },
): Promise<void> {
  if (change === 'unchanged') return
  try {
    if (change === 'created') return void (await jobs.create(said(definition), { force }))
  } catch (error) {
    if (!hasCode(error, 'ID_IN_USE')) throw error
  }
  await jobs.update(definition.name, () => definition, { force })
}

function same(one: JobDefinition, other: JobDefinition): boolean {
  return canonicalJson(jsonFrom(one, 'definition')) === canonicalJson(jsonFrom(other, 'definition'))
}
