import type { Cancellable } from '../../backend.ts'
import { hasCode } from '../../errors.ts'
import { forEachOf } from '../../for-each-of.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import { checkOneOf } from '../../options.ts'
import { type OutlineOptions, runOutlines } from './run-outlines.ts'
import { readRun } from './run-record.ts'
import { type IndexState, readSeenState, type RunState } from './run-state.ts'

/** Which runs, and in which order. */
export interface ListRunsOptions extends Omit<OutlineOptions, 'limit' | 'after'> {
  /** Only runs of that job. @default all */
  readonly job?: string | undefined
  /** By name, or the newest first. @default 'name' */
  readonly sortBy?: 'name' | 'age' | undefined
}

/** A run in a list. */
export interface RunSummary extends Pick<RunState, 'name' | 'jobName' | 'status' | 'submittedAt' | 'finishedAt'> {
  readonly counts: RunCounts
}

/** How many indexes are where. None is `requested` or `unknown` here: IBM Code Engine counts those, too. */
export interface RunCounts extends Readonly<Record<IndexState['status'], number>> {
  readonly requested: number
  readonly unknown: number
}

/** Runs that are looked at at the same time. */
const concurrency = 10

/**
 * All runs that can be seen: some requests for each.
 * @throws RemoteJobError `INVALID_ARGUMENT`
 */
export async function readRuns(
  w: Workspace,
  { job, sortBy = 'name', prefix, signal }: ListRunsOptions,
): Promise<readonly RunSummary[]> {
  checkOneOf('sortBy', sortBy, ['name', 'age'])
  const outlines = await Array.fromAsync(runOutlines(w, { prefix, signal }))
  const found = await forEachOf(outlines, concurrency, ({ name }) => summaryOf(w, name, job, { signal }))
  const runs = found.filter((run) => run !== undefined)
  const byName = runs.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return sortBy === 'name' ? byName : byName.toSorted((a, b) => b.submittedAt.getTime() - a.submittedAt.getTime())
}

/** One that went while the list was made is none. */
async function summaryOf(
  w: Workspace,
  name: string,
  job: string | undefined,
  options: Cancellable,
): Promise<RunSummary | undefined> {
  const run = await readRun(w, name, options)
  if (!run || (job ?? run.definition.name) !== run.definition.name) return undefined
  try {
    const state = await readSeenState(w, run, options)
    const { jobName, status, submittedAt, finishedAt } = state
    return { name, jobName, status, submittedAt, finishedAt, counts: countsOf(state) }
  } catch (error) {
    if (hasCode(error, 'RESULT_EXPIRED')) return undefined
    throw error
  }
}

/** How many indexes of a run are where. */
export function countsOf({ indexes }: Pick<RunState, 'indexes'>): RunCounts {
  const of = (wanted: IndexState['status']): number => indexes.filter(({ status }) => status === wanted).length
  return {
    failed: of('failed'),
    pending: of('pending'),
    requested: 0,
    running: of('running'),
    succeeded: of('succeeded'),
    unknown: 0,
  }
}
