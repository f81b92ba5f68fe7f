import type { ProvisionStep } from '../administration.ts'
import type { Place } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import type { Database } from './database.ts'
import { provisionPlan } from './provision-plan.ts'
import type { Store } from './store.ts'

/** Makes (`auto`) or finds (`never`) the bucket and the queues of a place. What is there already costs no write. */
export async function provide(store: Store, place: Place): Promise<void> {
  const steps = await store.read(() => provisionPlan(store.database, place))
  if (place.provision === 'never') {
    const missing = steps.filter(({ kind, action }) => action === 'create' && (kind === 'bucket' || kind === 'queue'))
    if (missing.length > 0) throw notFound(store.directory, missing)
  } else if (steps.some(({ action }) => action !== 'keep')) {
    await store.write(() => {
      // Another process may have done some of it meanwhile.
      for (const step of provisionPlan(store.database, place)) make(store.database, place, step)
    })
  }
}

function make(database: Database, place: Place, { kind, name, action }: ProvisionStep): void {
  if (action === 'keep') return
  if (kind === 'bucket') database.sql('INSERT INTO buckets (name) VALUES (?)').run(name)
  if (kind === 'queue') database.sql('INSERT INTO queues (name) VALUES (?)').run(name)
  if (kind === 'retention') {
    const text = 'INSERT OR REPLACE INTO expiries (bucket, prefix, days) VALUES (?, ?, ?)'
    for (const { prefix, days } of place.expiries ?? []) database.sql(text).run(name, prefix, days)
  }
  if (kind === 'dead-letter policy') {
    database
      .sql('UPDATE queues SET dead_letter_queue = ?, max_receives = max(ifnull(max_receives, 0), ?) WHERE name = ?')
      .run(place.deadLetterQueue, place.maxReceives, name)
  }
}

function notFound(directory: string, missing: readonly ProvisionStep[]): RemoteJobError {
  const names = missing.map(({ kind, name }) => `${kind} "${name}"`).join(', ')
  const message = `Missing in ${directory}: ${names}. Check the names, or let them be made (provision: 'auto')`
  return new RemoteJobError('NOT_FOUND', message)
}
