import { overAt } from './expired-run.ts'
import { dueKey } from './run-keys.ts'
import type { RunRecord } from './run-record.ts'

/** Milliseconds after which a run of which nothing was sent is taken for one whose requester died before it sent the message. */
export const sendAgainAfter = 300_000
/** Milliseconds for which those who wait for a run's end can still see it, however short its time to live: they look every 5 seconds. */
const waitersGrace = 10_000

/** When what can be seen of a run is removed that finished then, in milliseconds since 1970. */
export function removalAt(finishedAt: Date, { definition }: RunRecord): number {
  return overAt(finishedAt, definition) + waitersGrace
}

/** Where it is written down when to look at a run for the first time: whether it was sent, and whether its time to live is over. */
export function firstDueKey(run: RunRecord): string {
  const at = Math.min(removalAt(new Date(run.submittedAt), run), run.submittedAt + sendAgainAfter)
  return dueKey({ run, at })
}
