import { forEachOf } from '../../for-each-of.ts'
import type { JobDefinition } from '../../runs/definition/job-definition.ts'
import type { Runs } from '../../runs/runs.ts'

/** The entry of a configuration that stands for every name that has none. */
export const defaultJob = 'default'

/** What SlimFaas's routes offer: the stored jobs that a configuration of SlimFaas describes, and no others. */
export function isConfigured(definition: JobDefinition | undefined): definition is JobDefinition {
  return definition?.slimFaas !== undefined
}

/** A name's entry, or else the one of `Default`; `undefined` where there is neither. */
export async function configuredJob(runs: Runs, name: string): Promise<JobDefinition | undefined> {
  // Names of SlimFaas may begin and end with signs, with which nothing can be stored.
  const own = /^[a-z0-9].*[a-z0-9]$/.test(name) ? await runs.jobs.get(name) : undefined
  if (isConfigured(own?.definition)) return own.definition
  const other = await runs.jobs.get(defaultJob)
  return isConfigured(other?.definition) ? other.definition : undefined
}

/** All entries, by name. */
export async function configuredJobs(runs: Runs): Promise<readonly JobDefinition[]> {
  const names = await runs.jobs.list()
  const stored = await forEachOf(names, 10, ({ name }) => runs.jobs.get(name))
  return stored.map((job) => job?.definition).filter(isConfigured)
}
