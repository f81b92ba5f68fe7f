import type { MessageQueue, ObjectStore, OpenBackend, Place } from '../backend.ts'
import type { ObjectEvents } from '../object-events.ts'
import { LocalMessages } from './messages.ts'
import { LocalObjects } from './objects.ts'
import { provide } from './provision.ts'
import { type StoreUse, useStore } from './sharing.ts'
import { checkPresent, closedError, type Store } from './store.ts'

/** One queue's bucket and message queues in a directory, which is opened at first use. */
export class LocalPlace implements OpenBackend {
  readonly objects: ObjectStore
  readonly #directory: string
  readonly #fsync: boolean
  readonly #place: Place
  #use: Promise<StoreUse> | undefined
  readonly #closing = new AbortController()

  constructor(directory: string, fsync: boolean, place: Place) {
    this.#directory = directory
    this.#fsync = fsync
    this.#place = place
    this.objects = new LocalObjects(place.bucket, () => this.#store())
  }

  queue(name: string): MessageQueue {
    return new LocalMessages(name, () => this.#store(), this.#closing.signal)
  }

  async addQueue(name: string): Promise<void> {
    const store = await this.#store()
    await store.write(() => store.database.sql('INSERT OR IGNORE INTO queues (name) VALUES (?)').run(name))
  }

  async removeQueue(name: string): Promise<void> {
    const store = await this.#store()
    await store.write(() => {
      store.database.sql('DELETE FROM messages WHERE queue = ?').run(name)
      store.database.sql('DELETE FROM queues WHERE name = ?').run(name)
    })
  }

  async events(): Promise<ObjectEvents> {
    const { LocalObjectEvents } = await import('./object-events.ts')
    return new LocalObjectEvents(() => this.#store())
  }

  async ready(): Promise<void> {
    await provide(await this.#store(), this.#place)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    const use = this.#use
    this.#use = undefined
    await (await use?.catch(() => undefined))?.release()
  }

  async #store(): Promise<Store> {
    if (this.#closing.signal.aborted) throw closedError()
    const use = (this.#use ??= this.#open())
    try {
      return (await use).store
    } catch (error) {
      // The cause may be gone when it is tried again.
      if (this.#use === use) this.#use = undefined
      throw error
    }
  }

  async #open(): Promise<StoreUse> {
    if (this.#place.provision === 'never') checkPresent(this.#directory)
    return await useStore(this.#directory, this.#fsync)
  }
}
