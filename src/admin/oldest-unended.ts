import type { Backend, Cancellable, ObjectStore } from '../backend.ts'
import { settingsFrom } from '../lifecycle/settings.ts'
import { prefixedStore } from '../prefixed-store.ts'
import { idFloor, timeOfId } from '../protocol/id.ts'
import type { AdminOptions } from './administer.ts'

/** Milliseconds for which a message can be there at all: 14 days. */
const longest = 14 * 24 * 3_600_000
/** How far ahead of ours a requester's clock may be. */
const fastClocks = 3_600_000
/** Pages of a thousand keys that are read at most, those of inputs and those of results together. */
const mostPages = 5

/**
 * When the oldest job was submitted that has an input and no result, as far as a few pages tell. Ids sort by their time, so inputs
 * and results come in the same order, and whichever is behind is read on.
 */
export async function oldestUnended(backend: Backend, name: string, options: AdminOptions): Promise<Date | undefined> {
  const { place, prefix, records } = settingsFrom(name, options)
  if (records === 'none') return undefined
  const opened = backend.open({ ...place, provision: 'never' })
  try {
    return await search(prefixedStore(opened.objects, prefix), options)
  } finally {
    await opened.close()
  }
}

async function search(objects: ObjectStore, options: Cancellable): Promise<Date | undefined> {
  const inputs = new Shelf(objects, 'inputs/', '')
  const results = new Shelf(objects, 'results/', '.json')
  for (let pages = 0; pages < mostPages; pages += 1) {
    await (inputs.isBehind(results) ? inputs : results).read(options)
    for (const id of inputs.ids) {
      if (!results.hasPassed(id)) break
      if (!results.ids.delete(id)) return new Date(timeOfId(id) ?? 0)
      inputs.ids.delete(id)
    }
    if (inputs.isRead && inputs.ids.size === 0) return undefined
  }
  return undefined
}

/** One kind of object, read page by page in the order of ids; those that are no UUIDv7 are passed over. */
class Shelf {
  readonly ids = new Set<string>()
  readonly #objects: ObjectStore
  readonly #prefix: string
  readonly #suffix: string
  readonly #end: string
  #last: string

  constructor(objects: ObjectStore, prefix: string, suffix: string) {
    this.#objects = objects
    this.#prefix = prefix
    this.#suffix = suffix
    this.#last = prefix + idFloor(Date.now() - longest)
    this.#end = prefix + idFloor(Date.now() + fastClocks)
  }

  get isRead(): boolean {
    return this.#last >= this.#end
  }

  /** Whether an object of that id would have been read by now. */
  hasPassed(id: string): boolean {
    return this.isRead || this.#prefix + id + this.#suffix <= this.#last
  }

  isBehind(other: Shelf): boolean {
    return !this.isRead && (other.isRead || this.#place <= other.#place)
  }

  async read(options: Cancellable): Promise<void> {
    const { objects, more } = await this.#objects.list(this.#prefix, { signal: options.signal, after: this.#last })
    for (const { key } of objects) {
      const id = key.slice(this.#prefix.length, key.length - this.#suffix.length)
      if (timeOfId(id) !== undefined) this.ids.add(id)
    }
    this.#last = (more ? objects.at(-1)?.key : undefined) ?? this.#end
  }

  get #place(): string {
    return this.#last.slice(this.#prefix.length)
  }
}
