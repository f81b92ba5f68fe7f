import type { Cancellable } from '../../backend.ts'
import { hasCode } from '../../errors.ts'
import { forEachOf } from '../../for-each-of.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import { checkInteger } from '../../options.ts'
import { checkRunName } from '../definition/check-definition.ts'
import { runNames } from './list-runs.ts'
import { readRun } from './run-record.ts'
import { readSeenState, type RunState } from './run-state.ts'

/** Which page of the runs. */
export interface PageOfRunsOptions extends Cancellable {
  /** Only runs of that stored job. @default all */
  readonly job?: string | undefined
  /** The name behind which the page begins: `next` of the page before. @default the first page */
  readonly after?: string | undefined
  /** Runs of the page, from 1 to 1000. @default 100 */
  readonly limit?: number | undefined
}

/** Runs, each with where its indexes are. */
export interface PageOfRuns {
  readonly runs: readonly RunState[]
  /** What to say as `after` for the next page; undefined with the last one. */
  readonly next: string | undefined
}

/** Runs that are looked at at the same time. */
const concurrency = 10

/**
 * Some of the runs that can be seen, in the order in which they are kept: by name, `-` before the name's end.
 * @throws RemoteJobError `INVALID_ARGUMENT`
 */
export async function readPage(
  w: Workspace,
  { job, after, limit = 100, signal }: PageOfRunsOptions,
): Promise<PageOfRuns> {
  checkInteger('limit', limit, 1, 1000)
  if (after !== undefined) checkRunName(after, 'after')
  const found: RunState[] = []
  for await (const names of inChunks(runNames(w, { after, signal }))) {
    const states = await forEachOf(names, concurrency, (name) => seenState(w, name, job, { signal }))
    found.push(...states.filter((state) => state !== undefined))
    if (found.length > limit) break
  }
  const runs = found.slice(0, limit)
  return { runs, next: found.length > limit ? runs.at(-1)?.name : undefined }
}

async function* inChunks(names: AsyncIterable<string>): AsyncGenerator<readonly string[]> {
  let chunk: string[] = []
  for await (const name of names) {
    chunk.push(name)
    if (chunk.length < concurrency) continue
    yield chunk
    chunk = []
  }
  yield chunk
}

/** One that went while the list was made is none. */
async function seenState(
  w: Workspace,
  name: string,
  job: string | undefined,
  options: Cancellable,
): Promise<RunState | undefined> {
  const run = await readRun(w, name, options)
  if (!run || (job ?? run.job) !== run.job) return undefined
  try {
    return await readSeenState(w, run, options)
  } catch (error) {
    if (hasCode(error, 'RESULT_EXPIRED')) return undefined
    throw error
  }
}
