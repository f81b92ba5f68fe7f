import type { Cancellable } from '../../backend.ts'
import { forEachOf } from '../../for-each-of.ts'
import { readRecord } from '../../lifecycle/result.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import { formatIndexes, parseIndexes } from '../definition/array-indexes.ts'
import { instanceJobId, instancePrefix, type InstanceState, parseStateKey, runFolder } from './run-keys.ts'
import { attemptsOf, deadlineOf, type RunRecord } from './run-record.ts'

/** Where one index is. */
export interface IndexState {
  readonly index: number
  readonly status: 'pending' | 'running' | 'succeeded' | 'failed'
  /** How often it was tried again. */
  readonly retries: number
  readonly lastFailureReason: string | undefined
}

/** Where a run is, as its objects' names tell. */
export interface RunState {
  readonly name: string
  readonly jobName: string
  readonly status: 'pending' | 'running' | 'completed' | 'failed'
  readonly submittedAt: Date
  readonly indexes: readonly IndexState[]
  /** Indexes in each status, as `2-4,6-8`; empty for none. */
  readonly pending: string
  readonly running: string
  readonly succeeded: string
  readonly failed: string
}

/** Reads the state of every index: two listings, and the records of those few whose worker died between its last two writes. */
export async function readState(w: Workspace, run: RunRecord, options: Cancellable = {}): Promise<RunState> {
  const prefix = `results/${instancePrefix(run)}`
  // In this order: what is noted after its fate was written has its fate, whether or not that was listed.
  const ended = new Set<number>()
  for await (const key of keysBelow(w, prefix, options)) ended.add(Number.parseInt(key.slice(prefix.length), 10))
  const noted = new Map<number, InstanceState[]>()
  for await (const key of keysBelow(w, runFolder(run), options)) {
    const state = parseStateKey(run, key)
    if (state) noted.set(state.index, [...(noted.get(state.index) ?? []), state])
  }
  const indexes = await forEachOf(parseIndexes(run.definition.arrayIndexes), 10, (index) =>
    indexState(w, run, { index, isEnded: ended.has(index), notes: noted.get(index) ?? [] }, options),
  )
  return summary(run, indexes)
}

/** Every key below a prefix, a page a request. */
export async function* keysBelow(w: Workspace, prefix: string, options: Cancellable): AsyncGenerator<string> {
  for (let after: string | undefined, more = true; more;) {
    const page = await w.objects.list(prefix, { ...options, after })
    for (const { key } of page.objects) yield key
    after = page.objects.at(-1)?.key
    more = page.more && after !== undefined
  }
}

interface Known {
  readonly index: number
  /** Whether its fate was listed. */
  readonly isEnded: boolean
  readonly notes: readonly InstanceState[]
}

async function indexState(
  w: Workspace,
  run: RunRecord,
  { index, isEnded, notes }: Known,
  options: Cancellable,
): Promise<IndexState> {
  const attempts = notes.map(({ attempt }) => attempt)
  const failures = notes.filter(({ state }) => state === 'failed').toSorted((a, b) => a.attempt - b.attempt)
  const last = failures.at(-1)
  const newest = Math.max(0, ...attempts)
  const known = { index, retries: Math.max(0, newest - 1), lastFailureReason: last?.reason }
  const tooLate = { ...known, status: 'failed', lastFailureReason: 'MaxExecutionTimeExceeded' } as const
  if (notes.some(({ state }) => state === 'succeeded')) return { ...known, status: 'succeeded' }
  if (last && (last.attempt >= attemptsOf(run.definition) || last.reason === tooLate.lastFailureReason))
    return { ...known, status: 'failed' }
  // Nobody starts it any more.
  if (newest === 0 && (isEnded || Date.now() > deadlineOf(run))) return tooLate
  if (isEnded) {
    const record = await readRecord(w, instanceJobId({ ...run, index }), options)
    if (record?.status === 'completed') return { ...known, status: 'succeeded' }
    if (record?.status === 'expired') return tooLate
    return { ...known, status: 'failed', lastFailureReason: record?.error?.code ?? known.lastFailureReason }
  }
  return { ...known, status: newest > (last?.attempt ?? 0) ? 'running' : 'pending' }
}

function summary(run: RunRecord, indexes: readonly IndexState[]): RunState {
  const of = (wanted: IndexState['status']): string =>
    formatIndexes(indexes.filter(({ status }) => status === wanted).map(({ index }) => index))
  const [pending, running, succeeded, failed] = [of('pending'), of('running'), of('succeeded'), of('failed')]
  const isBegun = running !== '' || succeeded !== '' || failed !== ''
  const open = isBegun ? 'running' : 'pending'
  const status = pending !== '' || running !== '' ? open : failed === '' ? 'completed' : 'failed'
  const { name, definition, submittedAt } = run
  return {
    name,
    jobName: definition.name,
    status,
    submittedAt: new Date(submittedAt),
    indexes,
    pending,
    running,
    succeeded,
    failed,
  }
}
