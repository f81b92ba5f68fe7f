import { historyPrefix } from './keys.ts'

/** What can happen to a delivery before its job ends. */
export const historyStates = ['started', 'failed', 'released', 'claimed', 'resent'] as const
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

/** How many starts of a job ended in nothing: its worker died, or its answer was lost. */
export function unfinishedStarts(entries: readonly HistoryEntry[]): number {
  const ended = new Set(entries.filter(({ state }) => state !== 'started').map(({ nonce }) => nonce))
  return entries.filter(({ state, nonce }) => state === 'started' && !ended.has(nonce)).length
}
