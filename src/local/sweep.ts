import { unlinkSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isMissing } from './errors.ts'
import { sweepExpired } from './expire.ts'
import { numberOf, textOf } from './row.ts'
import type { Store } from './store.ts'

/** Milliseconds between two sweeps, and the age from which a file without a sign of life is nobody's. */
const hour = 3_600_000
/** Milliseconds after which SQS forgets a message. */
export const retention = 14 * 24 * hour
/** Free pages of 4 KiB that the database keeps for what comes next; and how many more are given back at a time. */
const pagesKept = 10_000
const pagesFreed = 1000

/** Sweeps soon and then every hour, without keeping the process alive. */
export function startSweeping(store: Store): Disposable {
  const run = (): void => store.inBackground(sweep(store))
  const soon = setTimeout(run, 1000).unref()
  const hourly = setInterval(run, hour).unref()
  return {
    [Symbol.dispose]: () => {
      clearTimeout(soon)
      clearInterval(hourly)
    },
  }
}

/** Removes what crashes and time left behind. Costs little where there is nothing: no file that is in use is looked at. */
export async function sweep(store: Store): Promise<void> {
  await sweepUnfinished(store)
  await sweepExpired(store)
  await sweepGarbage(store)
  await sweepMessages(store)
  await sweepPages(store)
}

/** Files that were never named by a row, and the first names of files that are. */
async function sweepUnfinished(store: Store): Promise<void> {
  for (const name of await readdir(store.files.unfinished)) {
    if (!(await isOld(join(store.files.unfinished, name)))) continue
    // In a transaction, so that a writer that slept for an hour cannot name the file in between.
    await store.write(() => {
      const named = store.database.sql('SELECT 1 FROM objects WHERE file = ?').get(name)
      if (!named) removeIfPresent(store.files.path(name))
    })
    await store.files.settle(name)
  }
}

/** Files whose objects were replaced or deleted by a process that died before it removed them. */
export async function sweepGarbage(store: Store): Promise<void> {
  const rows = await store.read(() => store.database.sql('SELECT file FROM garbage').all())
  for (const row of rows) await removeGarbage(store, textOf(row, 'file'))
}

/** Removes a file that has no row any more. Whoever has it open goes on reading. */
export async function removeGarbage(store: Store, file: string): Promise<void> {
  await store.files.discard(file)
  await store.write(() => store.database.sql('DELETE FROM garbage WHERE file = ?').run(file))
}

/** Messages too old to be received. Numbers follow time, so that the first young one ends the search. */
async function sweepMessages(store: Store): Promise<void> {
  const tooOld = Date.now() - retention
  const select = 'SELECT number, sent_at FROM messages ORDER BY number LIMIT 1'
  const removeOldest = (): boolean => {
    for (let count = 0; count < 100; count += 1) {
      const oldest = store.database.sql(select).get()
      if (!oldest || numberOf(oldest, 'sent_at') > tooOld) return false
      store.database.sql('DELETE FROM messages WHERE number = ?').run(numberOf(oldest, 'number'))
    }
    return true
  }
  const oldest = await store.read(() => store.database.sql(select).get())
  if (oldest && numberOf(oldest, 'sent_at') <= tooOld) while (await store.write(removeOldest));
}

/** Gives room back to the disk, a little at a time so that nobody is stopped for long. */
async function sweepPages(store: Store): Promise<void> {
  const hasMany = (): boolean => {
    const { freelist_count: count } = store.database.sql('PRAGMA freelist_count').get() ?? {}
    return typeof count === 'number' && count > pagesKept
  }
  const free = (): unknown => store.database.sql(`PRAGMA incremental_vacuum(${pagesFreed})`).all()
  while (await store.read(hasMany)) await store.write(free)
}

async function isOld(path: string): Promise<boolean> {
  try {
    return (await stat(path)).mtimeMs < Date.now() - hour
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

function removeIfPresent(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}
