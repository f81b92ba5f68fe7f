import type { Cancellable } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import { checkInteger, checkOneOf } from '../options.ts'
import { checkId, idFloor, timeOfId } from '../protocol/id.ts'
import { show } from '../protocol/names.ts'
import { finalStatuses } from '../protocol/record.ts'
import { objectsBelow } from './objects-below.ts'
import { readRecord } from './result.ts'
import { type JobStatus, statusBefore } from './status.ts'
import type { Workspace } from './workspace.ts'

/** Which jobs to list. */
export interface ListJobsOptions extends Cancellable {
  readonly status?: JobStatus | undefined
  /** Submitted at or after. */
  readonly since?: Date | undefined
  /** Submitted before. */
  readonly until?: Date | undefined
  /** An id: only the jobs that come after that one in this list, so that a list can be read page by page. */
  readonly after?: string | undefined
  /** Jobs at most, a whole number from 1. @default no limit */
  readonly limit?: number | undefined
}

/** A job in a list. */
export interface JobSummary {
  readonly id: string
  readonly status: JobStatus
  readonly submittedAt: Date
  readonly finishedAt: Date | undefined
}

interface Found {
  readonly id: string
  readonly submittedAt: Date
}

/** Jobs older than this protocol do not exist. */
const firstInstant = Date.UTC(2025, 0, 1)
const firstWindow = 60_000
/** How far ahead of ours a requester's clock may be. */
const fastClocks = 3_600_000
/** Jobs whose state is read at the same time. */
const readAhead = 10

/**
 * A queue's jobs, the newest first; jobs whose ids their requesters chose come last, in the order of their ids.
 * @throws RemoteJobError `INVALID_ARGUMENT`, or `UNSUPPORTED` for a queue that keeps no records
 */
export async function* list(w: Workspace, options: ListJobsOptions): AsyncGenerator<JobSummary> {
  checkOptions(options)
  if (w.records === 'none')
    throw new RemoteJobError('UNSUPPORTED', "A queue with records: 'none' keeps no list of its jobs")
  let left = options.limit ?? Number.POSITIVE_INFINITY
  // Of those with a certain status nobody knows how many have to be looked at.
  for await (const batch of batches(find(w, options), options.status ? readAhead : Math.min(readAhead, left))) {
    const summaries = await Promise.all(batch.map((found) => summarize(w, found, options)))
    for (const summary of summaries) {
      if (!summary || (options.status && summary.status !== options.status)) continue
      if (left <= 0) return
      left -= 1
      yield summary
    }
    if (left <= 0) return
  }
}

function checkOptions({ status, since, until, after, limit }: ListJobsOptions): void {
  checkOneOf('status', status, ['pending', 'active', ...finalStatuses])
  checkInteger('limit', limit, 1, Number.MAX_SAFE_INTEGER)
  checkDate('since', since)
  checkDate('until', until)
  if (after !== undefined) checkId(after)
}

function checkDate(name: string, value: unknown): void {
  if (value === undefined || (value instanceof Date && !Number.isNaN(value.getTime()))) return
  throw new RemoteJobError('INVALID_ARGUMENT', `Expected \`${name}\` to be a valid Date, got ${show(value)}`)
}

async function summarize(
  w: Workspace,
  { id, submittedAt }: Found,
  options: Cancellable,
): Promise<JobSummary | undefined> {
  const record = await readRecord(w, id, options)
  // Where all is written down a job is found by its input, so it need not be looked for again.
  const status = record?.status ?? (await statusBefore(w, id, options, w.records === 'all'))
  if (!status) return undefined
  return { id, status, submittedAt, finishedAt: record && new Date(record.finishedAt) }
}

/** Every job's id once: jobs with an input object, and (where metadata alone makes none) jobs with a result. */
async function* find(w: Workspace, options: ListJobsOptions): AsyncGenerator<Found> {
  const sources = w.records === 'all' ? [inputs] : [inputs, results]
  if (options.after === undefined || timeOfId(options.after) !== undefined) yield* byTime(w, sources, options)
  yield* ownIds(w, sources, options)
}

interface Shelf {
  readonly prefix: string
  readonly suffix: string
}
const inputs: Shelf = { prefix: 'inputs/', suffix: '' }
const results: Shelf = { prefix: 'results/', suffix: '.json' }

/** S3 lists upwards only: so window by window backwards, each twice as long as long as little is found. */
async function* byTime(
  w: Workspace,
  shelves: readonly Shelf[],
  { since, until, after, signal }: ListJobsOptions,
): AsyncGenerator<Found> {
  const isAfter = (id: string): boolean => after === undefined || id < after
  const start = Math.max(firstInstant, since?.getTime() ?? firstInstant)
  const now = Date.now()
  const last = after === undefined ? undefined : timeOfId(after)
  let end = Math.min(until?.getTime() ?? Number.POSITIVE_INFINITY, last === undefined ? now + fastClocks : last + 1)
  // Little is found ahead of our clock: it is one page with the last minute.
  let length = firstWindow + Math.max(0, end - now)
  while (end > start) {
    const from = Math.max(start, end - length)
    const { ids, cut } = await windowOf(w, shelves, from, end, signal)
    if (cut && end - from > 1000) {
      length = Math.ceil((end - from) / 4)
      continue
    }
    for (const id of ids.filter(isAfter).toSorted().toReversed()) yield { id, submittedAt: new Date(timeOfId(id) ?? 0) }
    end = from
    length = ids.length < 250 ? length * 4 : length
  }
}

/** The UUIDv7 ids of a window of time; `cut` when it holds more than a page or so, unless it cannot be cut smaller. */
async function windowOf(
  w: Workspace,
  shelves: readonly Shelf[],
  from: number,
  end: number,
  signal: AbortSignal | undefined,
): Promise<{ ids: string[]; cut: boolean }> {
  const ids = new Set<string>()
  for (const { prefix, suffix } of shelves) {
    let after = prefix + idFloor(from)
    for (let pages = 1; ; pages += 1) {
      const { objects, more } = await w.objects.list(prefix, { after, signal })
      for (const { key } of objects) {
        const id = key.slice(prefix.length, key.length - suffix.length)
        const time = timeOfId(id)
        if (time !== undefined && time >= from && time < end) ids.add(id)
      }
      const last = objects.at(-1)?.key
      if (!more || last === undefined || last >= prefix + idFloor(end)) break
      if (pages >= 2 && end - from > 1000) return { ids: [], cut: true }
      after = last
    }
  }
  return { ids: [...ids], cut: false }
}

async function* ownIds(
  w: Workspace,
  shelves: readonly Shelf[],
  { since, until, after, signal }: ListJobsOptions,
): AsyncGenerator<Found> {
  const seen = new Set<string>()
  const isOwn = after !== undefined && timeOfId(after) === undefined
  for (const { prefix, suffix } of shelves) {
    const start = isOwn ? prefix + after + suffix : undefined
    for await (const [name, submittedAt] of objectsBelow(w, prefix, { after: start, signal })) {
      const id = name.slice(0, name.length - suffix.length)
      if (timeOfId(id) !== undefined || seen.has(id)) continue
      seen.add(id)
      if ((!since || submittedAt >= since) && (!until || submittedAt < until)) yield { id, submittedAt }
    }
  }
}

async function* batches<Item>(items: AsyncIterable<Item>, size: number): AsyncGenerator<Item[]> {
  let batch: Item[] = []
  for await (const item of items) {
    batch.push(item)
    if (batch.length < size) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
