import { historyPrefix } from './keys.ts'

/** What can happen to a delivery before its job ends. */
export const historyStates = [
  'started',
  'failed',
  'released',
  'claimed',
  'resent',
  'renewed',
  'withdrawn',
  'folded',
] as const
export type HistoryState = (typeof historyStates)[number]

/** One entry, as its key tells it. */
export interface HistoryEntry {
  /** Which delivery of the job, from 1. */
  readonly delivery: number
  readonly state: HistoryState
  readonly nonce: string
}

/** The key of an entry: what is in the name needs no read. */
export function historyKey(id: string, { delivery, state, nonce }: HistoryEntry): string {
  return `${historyPrefix(id)}${String(delivery).padStart(6, '0')}-${state}-${nonce}.json`
}

/** The entry that a key names, or `undefined` for other keys. */
export function parseHistoryKey(id: string, key: string): HistoryEntry | undefined {
  const match = /^(\d{6,})-([a-z]+)-([A-Za-z0-9-]+)\.json$/.exec(key.slice(historyPrefix(id).length))
  const state = historyStates.find((known) => known === match?.[2])
  if (!match || !state) return undefined
  return { delivery: Number(match[1]), state, nonce: match[3] ?? '' }
}

/** After these a delivery still has no end. */
const goesOn: ReadonlySet<HistoryState> = new Set(['started', 'renewed'])

/** What the deliveries of a job come to. */
export interface Tally {
  /** Given back at no cost of an attempt. */
  readonly released: number
  /** Starts that ended in nothing: their worker died, or its answer was lost. */
  readonly unfinished: number
  /** Starts that count. */
  readonly started: number
  /** The newest delivery of which it is known that another message was sent in its place; 0 for none. */
  readonly renewed: number
}

/**
 * Counts a history. What a `folded` entry stands for is in its mark, and whatever is still there of the deliveries up to its own
 * counts no more.
 */
export function tallyOf(entries: readonly HistoryEntry[]): Tally {
  const fold = newestFold(entries)
  const rest = fold ? entries.filter(({ delivery }) => delivery > fold.delivery) : entries
  const marks = (wanted: (state: HistoryState) => boolean): ReadonlySet<string> =>
    new Set(rest.filter(({ state }) => wanted(state)).map(({ nonce }) => nonce))
  const ended = marks((state) => !goesOn.has(state))
  const given = marks((state) => state === 'released')
  const starts = rest.filter(({ state }) => state === 'started')
  const before = fold ? parseFold(fold.nonce) : undefined
  return {
    released: rest.filter(({ state }) => state === 'released').length + (before?.released ?? 0),
    unfinished: starts.filter(({ nonce }) => !ended.has(nonce)).length + (before?.unfinished ?? 0),
    started: starts.filter(({ nonce }) => !given.has(nonce)).length + (before?.started ?? 0),
    renewed: rest.reduce(
      (most, { state, delivery }) => (state === 'renewed' ? Math.max(most, delivery) : most),
      before?.renewed ?? 0,
    ),
  }
}

/** The mark of an entry that stands for so many: no two that fold at once write over each other. */
export function formatFold({ released, unfinished, started, renewed }: Tally, nonce: string): string {
  return [released, unfinished, started, renewed, nonce].join('-')
}

function parseFold(mark: string): Tally | undefined {
  const match = /^(\d{1,15})-(\d{1,15})-(\d{1,15})-(\d{1,15})-/.exec(mark)
  if (!match) return undefined
  const [released = 0, unfinished = 0, started = 0, renewed = 0] = match.slice(1).map(Number)
  return { released, unfinished, started, renewed }
}

function newestFold(entries: readonly HistoryEntry[]): HistoryEntry | undefined {
  const folds = entries.filter(({ state, nonce }) => state === 'folded' && parseFold(nonce))
  return folds.length === 0 ? undefined : folds.reduce((a, b) => (b.delivery > a.delivery ? b : a))
}

/** How many starts of a job ended in nothing. */
export function unfinishedStarts(entries: readonly HistoryEntry[]): number {
  return tallyOf(entries).unfinished
}

/** What a message says of those that stood for its job before it. */
export interface Standing {
  /** Their deliveries. */
  readonly base: number
  /** The worker that sent it to stand for itself. */
  readonly owner?: string | undefined
}

/**
 * Whether another message is known to have been sent in this one's place. `renewed` is written when the replacement has been sent,
 * whose `base` is the number of the delivery that it replaces; `withdrawn` when a worker that had renewed gave the job back with
 * another message, so that those with its mark stand for nobody.
 */
export function isSuperseded(entries: readonly HistoryEntry[], { base, owner }: Standing): boolean {
  const isWithdrawn = entries.some(({ state, nonce }) => state === 'withdrawn' && nonce === owner)
  return isWithdrawn || base < tallyOf(entries).renewed
}
