import type { Estate, Removal, Removed, TearDownOptions } from '../../administration.ts'
import type { Cancellable } from '../../backend.ts'
import type { Database } from '../database.ts'
import { ObjectTable } from '../object-table.ts'
import { numberOf, type Row, textOf } from '../row.ts'
import type { Store } from '../store.ts'
import { sweepGarbage } from '../sweep.ts'

/** Objects that are deleted in one transaction. */
const pageSize = 500

const others = 'objects of others are in it'

/** What the database has of an estate. */
export async function tearDownPlan(estate: Estate, store: Store, { signal }: Cancellable): Promise<Removal[]> {
  return store.read(() => planOf(estate, store.database), signal)
}

/** Removes the queues first, so that nobody is given a job whose objects are gone. */
export async function tearDown(estate: Estate, store: Store, options: TearDownOptions): Promise<Removed[]> {
  const removed: Removed[] = []
  for (const one of await tearDownPlan(estate, store, options)) {
    options.signal?.throwIfAborted()
    const done = await remove(one, estate, store, options)
    if (done.count > 0) options.onProgress?.(done.kind, done.count)
    removed.push(done)
  }
  await sweepGarbage(store)
  return removed
}

/** Whether these queues and buckets are all that the database has, of anybody. */
export function isAllOf(database: Database, plan: readonly Removal[]): boolean {
  const going = new Set(plan.filter(({ stays }) => stays === undefined).map(({ kind, name }) => `${kind} ${name}`))
  const there = database.sql(
    `SELECT 'queue ' || name AS it FROM queues UNION ALL SELECT 'bucket ' || name FROM buckets`,
  )
  return there.all().every((row) => going.has(textOf(row, 'it')))
}

function planOf(estate: Estate, database: Database): Removal[] {
  const { bucket, bucketGoes, prefixes, queues, replies } = estate
  const names = database
    .sql('SELECT name FROM queues ORDER BY name')
    .all()
    .map((row) => textOf(row, 'name'))
  const ours = names.filter((name) => queues.includes(name) || name.startsWith(replies))
  const objects = prefixes.reduce((sum, prefix) => sum + countObjects(database, bucket, prefix), 0)
  const plan: Removal[] = ours.map((name) => ({ kind: 'queue', name, count: countMessages(database, name) }))
  if (objects > 0) plan.push({ kind: 'objects', name: bucket, count: objects })
  const hasBucket = database.sql('SELECT 1 FROM buckets WHERE name = ?').get(bucket) !== undefined
  if (!hasBucket || bucketGoes === 'never' || (bucketGoes === 'when empty' && plan.length === 0)) return plan
  const stays = countObjects(database, bucket, '') > objects ? others : undefined
  return [...plan, { kind: 'bucket', name: bucket, count: 1, ...(stays && { stays }) }]
}

async function remove(one: Removal, estate: Estate, store: Store, options: TearDownOptions): Promise<Removed> {
  const { database } = store
  if (one.stays !== undefined) return { ...one, count: 0 }
  if (one.kind === 'queue') await store.write(() => removeQueue(database, one.name))
  if (one.kind === 'objects') return { ...one, count: await removeObjects(estate, store, options) }
  if (one.kind !== 'bucket' || (await store.write(() => removeBucket(database, one.name)))) return one
  return { ...one, count: 0, stays: 'something was put there meanwhile; stop what uses it and try again' }
}

function removeQueue(database: Database, name: string): void {
  database.sql('DELETE FROM messages WHERE queue = ?').run(name)
  database.sql('DELETE FROM watches WHERE queue = ?').run(name)
  database.sql('DELETE FROM queues WHERE name = ?').run(name)
}

async function removeObjects({ bucket, prefixes }: Estate, store: Store, options: TearDownOptions): Promise<number> {
  const table = new ObjectTable(store.database, bucket)
  let count = 0
  for (const prefix of prefixes) {
    for (let found = pageSize; found === pageSize; count += found) {
      options.signal?.throwIfAborted()
      found = await store.write(() => {
        const page = table.list(prefix, undefined, pageSize)
        for (const { key } of page) table.delete(key)
        return page.length
      })
      options.onProgress?.('objects', count + found)
    }
  }
  return count
}

/** False when it is not empty. */
function removeBucket(database: Database, name: string): boolean {
  if (database.sql('SELECT 1 FROM objects WHERE bucket = ? LIMIT 1').get(name)) return false
  database.sql('DELETE FROM expiries WHERE bucket = ?').run(name)
  database.sql('DELETE FROM watches WHERE bucket = ?').run(name)
  database.sql('DELETE FROM buckets WHERE name = ?').run(name)
  return true
}

function countMessages(database: Database, queue: string): number {
  return countOf(database.sql('SELECT count(*) AS count FROM messages WHERE queue = ?').get(queue))
}

function countObjects(database: Database, bucket: string, prefix: string): number {
  const text = 'SELECT count(*) AS count FROM objects WHERE bucket = ? AND substr(key, 1, length(?)) = ?'
  return countOf(database.sql(text).get(bucket, prefix, prefix))
}

const countOf = (row: Row | undefined): number => (row ? numberOf(row, 'count') : 0)
