import { Readable } from 'node:stream'
import type {
  Cancellable,
  GetOptions,
  ListOptions,
  ListPage,
  ObjectInfo,
  ObjectReading,
  ObjectStore,
  PutOptions,
  Written,
} from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import { type Content, keepContent, largestRow } from './content.ts'
import { fileBody, rowBody, untilAborted } from './object-body.ts'
import { ObjectTable, type Outcome, type StoredObject } from './object-table.ts'
import type { Store } from './store.ts'
import { removeGarbage } from './sweep.ts'
import { Watches } from './watches.ts'

/** The objects of one bucket: rows in SQLite that decide, and files that hold what is large. */
export class LocalObjects implements ObjectStore {
  readonly #bucket: string
  readonly #use: () => Promise<Store>

  constructor(bucket: string, use: () => Promise<Store>) {
    this.#bucket = bucket
    this.#use = use
  }

  async put(key: string, body: Uint8Array | Readable, options: PutOptions = {}): Promise<Written> {
    // A stream may fail before it is read, and an error that nobody listens for ends the process.
    if (body instanceof Readable) body.on('error', () => {})
    try {
      options.signal?.throwIfAborted()
      const store = await this.#use()
      const content = await keepContent(store.files, body, options)
      await this.#commit(store, { key, content }, (table) => table.put(key, content, options), options)
      return { etag: content.etag, size: content.size }
    } catch (error) {
      if (body instanceof Readable) body.destroy()
      throw error
    }
  }

  async putIfAbsent(
    key: string,
    body: Uint8Array,
    options: Omit<PutOptions, 'size'> = {},
  ): Promise<Written | undefined> {
    options.signal?.throwIfAborted()
    const store = await this.#use()
    // A key that is taken need not cost a file; the row decides all the same.
    if (body.byteLength > largestRow && (await store.read(() => this.#table(store).find(key), options.signal)))
      return undefined
    const content = await keepContent(store.files, body, options)
    const write = (table: ObjectTable): Outcome => table.putIfAbsent(key, content, options)
    const isWritten = await this.#commit(store, { key, content }, write, options)
    return isWritten ? { etag: content.etag, size: content.size } : undefined
  }

  async get(key: string, options: GetOptions = {}): Promise<ObjectReading | undefined> {
    options.signal?.throwIfAborted()
    const store = await this.#use()
    for (let missing: string | undefined; ;) {
      const found = await store.read(() => this.#table(store).read(key), options.signal)
      if (!found) return undefined
      const { object, data } = found
      checkVersion(object, options.etag)
      await store.settled()
      const body = object.file ? await fileBody(store.files, object.file, options) : rowBody(data, options)
      if (body) return { ...infoOf(object), body: untilAborted(body, options.signal) }
      // Replaced or deleted since its row was read; unless the row names that file still.
      if (object.file === missing) throw lostFile(store, object)
      missing = object.file
    }
  }

  async head(key: string, { signal }: Cancellable = {}): Promise<ObjectInfo | undefined> {
    signal?.throwIfAborted()
    const store = await this.#use()
    const found = await store.read(() => this.#table(store).find(key), signal)
    if (found) await store.settled()
    return found && infoOf(found)
  }

  async delete(key: string, { signal }: Cancellable = {}): Promise<void> {
    signal?.throwIfAborted()
    const store = await this.#use()
    const { garbage, told } = await store.write(() => this.#delete(store, key), signal)
    if (garbage) store.inBackground(removeGarbage(store, garbage))
    for (const queue of told) store.bell.ring(queue)
  }

  async list(prefix: string, options: ListOptions = {}): Promise<ListPage> {
    options.signal?.throwIfAborted()
    const store = await this.#use()
    const limit = options.limit ?? 1000
    const rows = await store.read(() => this.#table(store).list(prefix, options.after, limit + 1), options.signal)
    if (rows.length > 0) await store.settled()
    return { objects: rows.slice(0, limit), more: rows.length > limit, answeredAt: new Date() }
  }

  #table(store: Store): ObjectTable {
    return new ObjectTable(store.database, this.#bucket)
  }

  #watches(store: Store): Watches {
    return new Watches(store.database, this.#bucket)
  }

  #delete(store: Store, key: string): { readonly garbage: string | undefined; readonly told: readonly string[] } {
    const watches = this.#watches(store)
    const object = watches.isWatched ? this.#table(store).find(key) : undefined
    return { garbage: this.#table(store).delete(key), told: object ? watches.tell('delete', object) : [] }
  }

  /** The row decides. A file that no row names is removed. */
  async #commit(
    store: Store,
    { key, content }: { readonly key: string; readonly content: Content },
    write: (table: ObjectTable) => Outcome,
    { contentType, signal }: PutOptions,
  ): Promise<boolean> {
    const { file } = content
    try {
      const { isWritten, garbage, told } = await store.write(() => {
        if (file && !store.files.isPresent(file)) throw sweptFile(store)
        const outcome = write(this.#table(store))
        const object = { ...content, key, contentType }
        return { ...outcome, told: outcome.isWritten ? this.#watches(store).tell('write', object) : [] }
      }, signal)
      for (const queue of told) store.bell.ring(queue)
      if (garbage) store.inBackground(removeGarbage(store, garbage))
      if (file) store.inBackground(isWritten ? store.files.settle(file) : store.files.discard(file))
      return isWritten
    } catch (error) {
      if (file) await store.files.discard(file)
      throw error
    }
  }
}

function infoOf({ modifiedAt, file: _, ...object }: StoredObject): ObjectInfo {
  return { ...object, userMetadata: {}, lastModified: new Date(modifiedAt), answeredAt: new Date() }
}

function checkVersion({ key, etag }: StoredObject, expected: string | undefined): void {
  if (expected === undefined || expected === etag) return
  throw new RemoteJobError('INPUT_CHANGED', `Object "${key}" was replaced: expected version ${expected}, found ${etag}`)
}

function lostFile(store: Store, { key, file }: StoredObject): RemoteJobError {
  const message = `The file ${file} of object "${key}" is missing: something other than remotejob removed it from ${store.directory}`
  return new RemoteJobError('UNAVAILABLE', message)
}

function sweptFile(store: Store): RemoteJobError {
  const message = `A file was swept from ${store.directory} before it was stored, since this process had been stopped for an hour; try again`
  return new RemoteJobError('UNAVAILABLE', message)
}
