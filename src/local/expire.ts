import { ObjectTable } from './object-table.ts'
import { numberOf, textOf } from './row.ts'
import type { Store } from './store.ts'

/** Milliseconds. */
const day = 24 * 3_600_000
/** Keys that are looked at, and objects that are removed, at a time: others want their turn. */
const atOnce = 500

/** Objects that a retention says nobody needs any more, as S3's lifecycle rules would remove them. */
export async function sweepExpired(store: Store): Promise<void> {
  const rules = await store.read(() => store.database.sql('SELECT bucket, prefix, days FROM expiries').all())
  for (const rule of rules) {
    const writtenBefore = Date.now() - numberOf(rule, 'days') * day
    await sweepBelow(store, new ObjectTable(store.database, textOf(rule, 'bucket')), {
      prefix: textOf(rule, 'prefix'),
      writtenBefore,
    })
  }
}

async function sweepBelow(
  store: Store,
  table: ObjectTable,
  { prefix, writtenBefore }: { readonly prefix: string; readonly writtenBefore: number },
): Promise<void> {
  for (let after: string | undefined; ;) {
    const objects = await store.read(() => table.list(prefix, after, atOnce))
    const old = objects.filter(({ lastModified }) => lastModified.getTime() < writtenBefore)
    if (old.length > 0) await store.write(() => removeOld(table, old, writtenBefore))
    after = objects.at(-1)?.key
    if (objects.length < atOnce) return
  }
}

/** One that was written anew since it was looked at stays. Files that lose their row are garbage, which is swept too. */
function removeOld(table: ObjectTable, objects: readonly { readonly key: string }[], writtenBefore: number): void {
  for (const { key } of objects) {
    const found = table.find(key)
    if (found && found.modifiedAt < writtenBefore) table.delete(key)
  }
}
