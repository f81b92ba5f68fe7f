import type { z } from '@hono/zod-openapi'
import { countsOf } from '../../runs/arrays/read-runs.ts'
import type { RunEvent } from '../../runs/arrays/run-events.ts'
import type { RunState } from '../../runs/arrays/run-state.ts'
import type { JobDefinition } from '../../runs/definition/job-definition.ts'
import type { StoredJob } from '../../runs/stored/jobs.ts'
import type { Definition, Run, RunEvents, RunPage, StoredDefinition } from './run-schemas.ts'

/** Where a run is. */
export const runPath = (name: string): string => `/v1/runs/${name}`

/** A definition as its callers see it. */
function definitionView({ slimFaas: _, ...definition }: JobDefinition): z.infer<typeof Definition> {
  const { command, arguments: words, environment, mounts, dependsOn, imagesWhitelist } = definition
  return {
    ...definition,
    command: [...command],
    arguments: [...words],
    environment: environment.map((entry) => ({ ...entry })),
    mounts: mounts.map((mount) => ({ ...mount })),
    dependsOn: [...dependsOn],
    imagesWhitelist: [...imagesWhitelist],
  }
}

/** A stored definition. */
export function storedView({ name, version, updatedAt, definition }: StoredJob): z.infer<typeof StoredDefinition> {
  return { name, version, updatedAt: updatedAt.toISOString(), definition: definitionView(definition) }
}

/** Where a run is, and each of its indexes. */
export function runView({ submittedAt, finishedAt, indexes, definition, ...run }: RunState): z.infer<typeof Run> {
  return {
    ...run,
    definition: definitionView(definition),
    submittedAt: submittedAt.toISOString(),
    finishedAt: finishedAt?.toISOString(),
    indexes: indexes.map(({ startedAt, finishedAt: ended, ...index }) => ({
      ...index,
      startedAt: startedAt?.toISOString(),
      finishedAt: ended?.toISOString(),
    })),
  }
}

/** A run in a list. */
export function runSummaryView(run: RunState): z.infer<typeof RunPage>['runs'][number] {
  const { name, jobName, job, status, submittedAt, finishedAt } = run
  return {
    name,
    jobName,
    job,
    status,
    counts: { ...countsOf(run) },
    submittedAt: submittedAt.toISOString(),
    finishedAt: finishedAt?.toISOString(),
  }
}

/** Something that happened to a run. */
export function runEventView({ at, ...event }: RunEvent): z.infer<typeof RunEvents>['events'][number] {
  return { ...event, at: at.toISOString() }
}
