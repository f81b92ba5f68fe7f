import type { MessageCounts } from '../../administration.ts'
import type { Database } from '../database.ts'
import { maybeNumberOf, numberOf } from '../row.ts'
import { retention } from '../sweep.ts'

/** What a queue holds, exactly. Messages that are too old to be received do not count, though they may be there still. */
export function counts(database: Database, queue: string, now: number): MessageCounts | undefined {
  if (!database.sql('SELECT 1 FROM queues WHERE name = ?').get(queue)) return undefined
  const row = database
    .sql(
      `SELECT count(*) FILTER (WHERE visible_at <= now) AS waiting,
         count(*) FILTER (WHERE visible_at > now AND receive_count = 0) AS delayed,
         count(*) FILTER (WHERE visible_at > now AND receive_count > 0) AS in_flight,
         min(sent_at) FILTER (WHERE visible_at <= now) AS oldest
       FROM (SELECT ? AS now) JOIN messages WHERE queue = ? AND sent_at > ?`,
    )
    .get(now, queue, now - retention)
  if (!row) return undefined
  const oldest = maybeNumberOf(row, 'oldest')
  return {
    waiting: numberOf(row, 'waiting'),
    delayed: numberOf(row, 'delayed'),
    inFlight: numberOf(row, 'in_flight'),
    oldestWaiting: oldest === undefined ? undefined : new Date(oldest),
  }
}
