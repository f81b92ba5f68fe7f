import type { Cancellable, ObjectInfo } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import type { EventFilter, ObjectEvents } from '../object-events.ts'
import { LocalObjects } from './objects.ts'
import type { Store } from './store.ts'
import { Watches } from './watches.ts'

/** Word of what `put` and `delete` do to the objects of a directory, in whichever process. */
export class LocalObjectEvents implements ObjectEvents {
  readonly #use: () => Promise<Store>

  constructor(use: () => Promise<Store>) {
    this.#use = use
  }

  async route(
    bucket: string,
    queue: string,
    filters: readonly EventFilter[],
    { signal }: Cancellable = {},
  ): Promise<void> {
    const store = await this.#use()
    await store.write(() => {
      if (filters.length > 0) checkBucket(store, bucket)
      new Watches(store.database, bucket).replace(queue, filters)
    }, signal)
  }

  async isRouted(
    bucket: string,
    queue: string,
    filters: readonly EventFilter[],
    { signal }: Cancellable = {},
  ): Promise<boolean> {
    const store = await this.#use()
    const found = await store.read(() => new Watches(store.database, bucket).filtersOf(queue), signal)
    return JSON.stringify(found.map(textOf).toSorted()) === JSON.stringify(filters.map(textOf).toSorted())
  }

  head(bucket: string, key: string, options?: Cancellable): Promise<ObjectInfo | undefined> {
    return new LocalObjects(bucket, this.#use).head(key, options)
  }
}

const textOf = ({ eventType, prefix, suffix }: EventFilter): string => JSON.stringify([eventType, prefix, suffix])

function checkBucket({ database, directory }: Store, bucket: string): void {
  if (database.sql('SELECT 1 FROM buckets WHERE name = ?').get(bucket)) return
  const message = `No bucket "${bucket}" in ${directory}: check its name, or make it first with a queue that has it as \`bucket\``
  throw new RemoteJobError('NOT_FOUND', message)
}
