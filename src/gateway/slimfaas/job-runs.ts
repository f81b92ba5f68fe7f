import type { Cancellable } from '../../backend.ts'
import { hasCode } from '../../errors.ts'
import { forEachOf } from '../../for-each-of.ts'
import type { RunOutline } from '../../runs/arrays/run-outlines.ts'
import type { RunState } from '../../runs/arrays/run-state.ts'
import type { Runs } from '../../runs/runs.ts'
import { jobOfRunName, runNamesOf, runNamesPrefix } from './job-names.ts'

/** Runs of a job that are looked at: those of a month are remembered, and the newest come first. */
const mostLookedAt = 20_000
/** Runs of a job that are shown: each takes some requests. */
export const mostShown = 1000
/** Runs that are read at the same time. */
const together = 10

/** A run of a job that can be seen. */
export interface JobRun {
  readonly state: RunState
  /** From 1 on while it waits for its turn. */
  readonly position: number | undefined
}

/** Runs of a job, the newest first. */
export interface JobRuns {
  readonly runs: readonly JobRun[]
  /** How many more there are, which were not read. */
  readonly omitted: number
}

/**
 * The runs of a job that can be seen, with their places in the queue: those that SlimFaas's callers made, by their names, and those of
 * its schedules and of other callers.
 */
export async function jobRuns(
  runs: Runs,
  job: string,
  fits: (outline: RunOutline) => boolean,
  { signal }: Cancellable,
): Promise<JobRuns> {
  const all = await outlinesOf(runs, job, { signal })
  const newestFirst = all.toSorted(byAge).filter(fits)
  const shown = newestFirst.slice(0, mostShown)
  const omitted = newestFirst.slice(mostShown)
  const found = await forEachOf(shown, together, ({ name }) => stateOf(runs, { job, name }, { signal }))
  const states = found.filter((state) => state !== undefined)
  let position = omitted.filter(({ isBegun }) => !isBegun).length
  // Whoever was submitted first is first in the queue.
  const placed = states.toReversed().map((state): JobRun => {
    return { state, position: isQueued(state) ? (position += 1) : undefined }
  })
  return { runs: placed.toReversed(), omitted: omitted.length }
}

/** Names of one second, on S3, count down with time. */
function byAge(a: RunOutline, b: RunOutline): number {
  return b.submittedAt.getTime() - a.submittedAt.getTime() || (a.name < b.name ? -1 : 1)
}

/** Whether no try of it was begun, and one will be. */
export function isQueued({ indexes }: Pick<RunState, 'indexes'>): boolean {
  return indexes.every(
    ({ status, startedAt, retries }) => status === 'pending' && startedAt === undefined && retries === 0,
  )
}

async function outlinesOf(runs: Runs, job: string, { signal }: Cancellable): Promise<readonly RunOutline[]> {
  const limit = mostLookedAt
  const own = await Array.fromAsync(runs.outlines({ prefix: runNamesOf(job), limit, signal }))
  const others: RunOutline[] = []
  for await (const outline of runs.outlines({ prefix: runNamesPrefix(job), limit, signal }))
    if (jobOfRunName(outline.name) === undefined) others.push(outline)
  return [...own, ...others]
}

/** One that went meanwhile, or is of a job whose name begins alike, is none. */
async function stateOf(
  runs: Runs,
  { job, name }: { readonly job: string; readonly name: string },
  options: Cancellable,
): Promise<RunState | undefined> {
  try {
    const state = await runs.get(name, options)
    return jobOfRunName(name) === job || state?.jobName === job ? state : undefined
  } catch (error) {
    if (hasCode(error, 'RESULT_EXPIRED')) return undefined
    throw error
  }
}
