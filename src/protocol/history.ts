import { historyPrefix } from './keys.ts'

/** What can happen to a delivery before its job ends. */
export const historyStates = ['started', 'failed', 'released', 'claimed', 'resent', 'renewed', 'withdrawn'] as const
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

/** How many starts of a job ended in nothing: its worker died, or its answer was lost. */
export function unfinishedStarts(entries: readonly HistoryEntry[]): number {
  const ended = new Set(entries.filter(({ state }) => !goesOn.has(state)).map(({ nonce }) => nonce))
  return entries.filter(({ state, nonce }) => state === 'started' && !ended.has(nonce)).length
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
  return entries.some(
    ({ state, delivery, nonce }) =>
      (state === 'renewed' && base < delivery) || (state === 'withdrawn' && nonce === owner),
  )
}
