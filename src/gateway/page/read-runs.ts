import type { Cancellable } from '../../backend.ts'
import { hasCode } from '../../errors.ts'
import { forEachOf } from '../../for-each-of.ts'
import type { RunOutline, Runs, RunState } from '../../runs.ts'

/** Which of a queue's runs are shown. */
export interface RunsAsked {
  /** In the list by age: the mark of the run after which the page begins. */
  readonly before: string | undefined
  /** In the list by name: the name after which the page begins. */
  readonly after: string | undefined
}

/** Runs that were found, and where to look further. */
export interface RunsPage {
  readonly shown: readonly RunState[]
  readonly order: 'age' | 'name'
  /** What the next page is asked for with. */
  readonly next: { readonly before: string } | { readonly after: string } | undefined
}

export interface RunsPageSize extends Cancellable {
  /** Runs of a page. @default 50 */
  readonly pageSize?: number | undefined
  /** Runs whose names are looked at for a page. @default 1000 */
  readonly lookedAt?: number | undefined
}

/** Runs that are read at the same time. */
const concurrency = 10

/**
 * A page of a queue's runs: the newest first, if there are no more than are worth looking at, or else by name. Where the indexes of a
 * run are is read for those that are shown alone.
 */
export async function readRuns(
  runs: Runs,
  { before, after }: RunsAsked,
  { pageSize = 50, lookedAt = 1000, signal }: RunsPageSize = {},
): Promise<RunsPage> {
  const { found, rest } = await look(runs, { after, limit: lookedAt, signal })
  const isByAge = after === undefined && rest === undefined
  const order = isByAge ? 'age' : 'name'
  const all = isByAge ? found.toSorted(byAge).filter((run) => before === undefined || markOf(run) < before) : found
  const page = all.slice(0, pageSize)
  const last = page.at(-1)
  const shown = await forEachOf(page, concurrency, ({ name }) => stateOf(runs, name, { signal }))
  const isMore = all.length > page.length
  const behind = isMore ? last?.name : rest
  return {
    shown: shown.filter((run) => run !== undefined),
    order,
    next: isByAge
      ? isMore && last
        ? { before: markOf(last) }
        : undefined
      : behind === undefined
        ? undefined
        : { after: behind },
  }
}

async function look(
  runs: Runs,
  options: Parameters<Runs['outlines']>[0],
): Promise<{ readonly found: readonly RunOutline[]; readonly rest: string | undefined }> {
  const found: RunOutline[] = []
  const outlines = runs.outlines(options)
  for (;;) {
    const { value, done } = await outlines.next()
    if (done) return { found, rest: value }
    found.push(value)
  }
}

/** What orders runs by age, and does not change: a run that went meanwhile is no reason to begin anew. */
const markOf = ({ submittedAt, name }: RunOutline): string =>
  `${String(submittedAt.getTime()).padStart(15, '0')}-${name}`

const byAge = (a: RunOutline, b: RunOutline): number => (markOf(a) < markOf(b) ? 1 : -1)

/** One that went while the list was made is none. */
async function stateOf(runs: Runs, name: string, options: Cancellable): Promise<RunState | undefined> {
  try {
    return await runs.get(name, options)
  } catch (error) {
    if (hasCode(error, 'RESULT_EXPIRED')) return undefined
    throw error
  }
}
