import type { Cancellable } from '../../backend.ts'
import { forEachOf } from '../../for-each-of.ts'
import { objectsBelow } from '../../lifecycle/objects-below.ts'
import { readRecord } from '../../lifecycle/result.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import type { ResultRecord } from '../../protocol/record.ts'
import { formatIndexes, parseIndexes } from '../definition/array-indexes.ts'
import type { JobDefinition } from '../definition/job-definition.ts'
import { expired, isOver } from './expired-run.ts'
import { fanOutJobId, instanceJobId, instancePrefix } from './run-keys.ts'
import { type InstanceNote, readNotes } from './run-notes.ts'
import { attemptsOf, deadlineOf, type RunRecord } from './run-record.ts'

/** Where one index is. */
export interface IndexState {
  readonly index: number
  readonly status: 'pending' | 'running' | 'succeeded' | 'failed'
  /** How often it was tried again. */
  readonly retries: number
  readonly lastFailureReason: string | undefined
  /** When its newest try began. */
  readonly startedAt: Date | undefined
  /** When it succeeded, or failed for good. */
  readonly finishedAt: Date | undefined
}

/** Where a run is, as its objects' names tell. */
export interface RunState {
  readonly name: string
  readonly jobName: string
  /** The stored job that it was made from. */
  readonly job: string | undefined
  /** What is run. */
  readonly definition: JobDefinition
  readonly status: 'pending' | 'running' | 'completed' | 'failed'
  readonly submittedAt: Date
  /** When the last index ended; until then undefined. */
  readonly finishedAt: Date | undefined
  readonly indexes: readonly IndexState[]
  /** Indexes in each status, as `2-4,6-8`; empty for none. */
  readonly pending: string
  readonly running: string
  readonly succeeded: string
  readonly failed: string
}

/**
 * Reads the state of every index: two listings, and the records of those few whose worker died between its last two writes.
 * @throws RemoteJobError `RESULT_EXPIRED` for a run of which it was removed
 */
export async function readState(w: Workspace, run: RunRecord, options: Cancellable = {}): Promise<RunState> {
  // In this order: what is noted after its fate was written has its fate, whether or not that was listed.
  const ends = new Map<number, Date>()
  for await (const [rest, at] of objectsBelow(w, `results/${instancePrefix(run)}`, options))
    ends.set(Number.parseInt(rest, 10), at)
  const { notes, goneAt } = await readNotes(w, run, options)
  if (goneAt) throw expired(run)
  if (run.dependencies && ends.size + notes.length === 0) {
    const end = await readRecord(w, fanOutJobId(run), options)
    if (end?.status === 'failed') return neverBegun(run, end)
  }
  const noted = Map.groupBy(notes, ({ index }) => index)
  const indexes = await forEachOf(parseIndexes(run.definition.arrayIndexes), 10, (index) =>
    indexState(w, run, { index, endedAt: ends.get(index), notes: noted.get(index) ?? [] }, options),
  )
  return summary(run, indexes)
}

/**
 * The same for readers: one whose time to live is over is gone for them, whether or not it was removed.
 * @throws RemoteJobError `RESULT_EXPIRED`
 */
export async function readSeenState(w: Workspace, run: RunRecord, options: Cancellable = {}): Promise<RunState> {
  const state = await readState(w, run, options)
  if (isOver(state)) throw expired(run)
  return state
}

/** What it depends on failed, or did not come in time: so did all of its indexes. */
function neverBegun(run: RunRecord, { error, finishedAt }: ResultRecord): RunState {
  const end = { status: 'failed', retries: 0, lastFailureReason: error?.code, startedAt: undefined } as const
  const indexes = parseIndexes(run.definition.arrayIndexes)
  return summary(
    run,
    indexes.map((index) => ({ ...end, index, finishedAt: new Date(finishedAt) })),
  )
}

interface Known {
  readonly index: number
  /** When its fate was written, if that was listed. */
  readonly endedAt: Date | undefined
  readonly notes: readonly InstanceNote[]
}

async function indexState(
  w: Workspace,
  run: RunRecord,
  { index, endedAt, notes }: Known,
  options: Cancellable,
): Promise<IndexState> {
  const newest = Math.max(0, ...notes.map(({ attempt }) => attempt))
  const last = notes
    .filter(({ state }) => state === 'failed')
    .toSorted((a, b) => a.attempt - b.attempt)
    .at(-1)
  const success = notes.find(({ state }) => state === 'succeeded')
  const known = {
    index,
    retries: Math.max(0, newest - 1),
    lastFailureReason: last?.reason,
    startedAt: notes.find(({ attempt, state }) => state === 'started' && attempt === newest)?.at,
    // Its fate's own time, where it is there: the same before and after it was noted.
    finishedAt: endedAt ?? success?.at ?? last?.at,
  }
  const tooLate = { ...known, status: 'failed', lastFailureReason: 'MaxExecutionTimeExceeded' } as const
  if (success) return { ...known, status: 'succeeded' }
  if (last && (last.attempt >= attemptsOf(run.definition) || last.reason === tooLate.lastFailureReason))
    return { ...known, status: 'failed' }
  // Nobody starts it any more.
  if (newest === 0 && (endedAt || Date.now() > deadlineOf(run)))
    return { ...tooLate, finishedAt: endedAt ?? new Date(deadlineOf(run)) }
  if (endedAt) {
    const record = await readRecord(w, instanceJobId({ ...run, index }), options)
    if (record?.status === 'completed') return { ...known, status: 'succeeded' }
    if (record?.status === 'expired') return tooLate
    return { ...known, status: 'failed', lastFailureReason: record?.error?.code ?? known.lastFailureReason }
  }
  // A try that was to begin anew and was given back has no start any more.
  const status = known.startedAt && newest > (last?.attempt ?? 0) ? 'running' : 'pending'
  return { ...known, status, finishedAt: undefined }
}

function summary(run: RunRecord, indexes: readonly IndexState[]): RunState {
  const of = (wanted: IndexState['status']): string =>
    formatIndexes(indexes.filter(({ status }) => status === wanted).map(({ index }) => index))
  const [pending, running, succeeded, failed] = [of('pending'), of('running'), of('succeeded'), of('failed')]
  const isBegun = running !== '' || succeeded !== '' || failed !== ''
  const isOpen = pending !== '' || running !== ''
  const open = isBegun ? 'running' : 'pending'
  const end = Math.max(...indexes.map(({ finishedAt }) => finishedAt?.getTime() ?? 0))
  const { name, job, definition, submittedAt } = run
  return {
    name,
    jobName: definition.name,
    job,
    definition,
    status: isOpen ? open : failed === '' ? 'completed' : 'failed',
    submittedAt: new Date(submittedAt),
    finishedAt: isOpen ? undefined : new Date(end),
    indexes,
    pending,
    running,
    succeeded,
    failed,
  }
}
