import type { Place } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import type { Database } from './database.ts'
import { maybeNumberOf } from './row.ts'
import type { Store } from './store.ts'

/** Makes (`auto`) or finds (`never`) the bucket and the queues of a place. What is there already costs no write. */
export async function provide(store: Store, place: Place): Promise<void> {
  const missing = await store.read(() => missingNames(store.database, place))
  if (place.provision === 'never') {
    if (missing.length > 0) throw notFound(store.directory, missing)
  } else if (missing.length > 0 || !(await store.read(() => isLimited(store.database, place)))) {
    await store.write(() => make(store.database, place))
  }
}

function missingNames(database: Database, place: Place): string[] {
  const bucket = database.sql('SELECT 1 FROM buckets WHERE name = ?').get(place.bucket)
  const queues = queueNames(place).filter((name) => !database.sql('SELECT 1 FROM queues WHERE name = ?').get(name))
  return [...(bucket ? [] : [`bucket "${place.bucket}"`]), ...queues.map((name) => `queue "${name}"`)]
}

/** Whether poison goes where it should, after no fewer receives than asked for. */
function isLimited(database: Database, { pendingQueue, deadLetterQueue, maxReceives }: Place): boolean {
  if (pendingQueue === undefined) return true
  const text = 'SELECT max_receives FROM queues WHERE name = ? AND dead_letter_queue = ?'
  const row = database.sql(text).get(pendingQueue, deadLetterQueue)
  return row !== undefined && (maybeNumberOf(row, 'max_receives') ?? 0) >= maxReceives
}

function make(database: Database, place: Place): void {
  database.sql('INSERT OR IGNORE INTO buckets (name) VALUES (?)').run(place.bucket)
  for (const name of queueNames(place)) database.sql('INSERT OR IGNORE INTO queues (name) VALUES (?)').run(name)
  if (place.pendingQueue === undefined) return
  database
    .sql('UPDATE queues SET dead_letter_queue = ?, max_receives = max(ifnull(max_receives, 0), ?) WHERE name = ?')
    .run(place.deadLetterQueue, place.maxReceives, place.pendingQueue)
}

const queueNames = (place: Place): string[] => [...place.queues.values(), place.deadLetterQueue]

function notFound(directory: string, missing: readonly string[]): RemoteJobError {
  const message = `Missing in ${directory}: ${missing.join(', ')}. Check the names, or let them be made (provision: 'auto')`
  return new RemoteJobError('NOT_FOUND', message)
}
