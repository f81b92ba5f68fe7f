import type { Administration, MessageCounts, ProvisionStep } from '../../administration.ts'
import type { Cancellable, Place } from '../../backend.ts'
import { provisionPlan } from '../provision-plan.ts'
import { textOf } from '../row.ts'
import { type StoreUse, useStore } from '../sharing.ts'
import { checkPresent, isPresent, type Store } from '../store.ts'
import { counts } from './counts.ts'

/** Looks after the queues in one directory. Nothing is made where there is none. */
export class LocalAdministration implements Administration {
  readonly isApproximate = false
  readonly #directory: string
  readonly #fsync: boolean
  #use: Promise<StoreUse> | undefined

  constructor(directory: string, fsync: boolean) {
    this.#directory = directory
    this.#fsync = fsync
  }

  async queueNames({ signal }: Cancellable = {}): Promise<readonly string[]> {
    const store = await this.#store()
    const rows = await store.read(() => store.database.sql('SELECT name FROM queues ORDER BY name').all(), signal)
    return rows.map((row) => textOf(row, 'name'))
  }

  async counts(queue: string, { signal }: Cancellable = {}): Promise<MessageCounts | undefined> {
    const store = await this.#store()
    return await store.read(() => counts(store.database, queue, Date.now()), signal)
  }

  async provisionPlan(place: Place, { signal }: Cancellable = {}): Promise<readonly ProvisionStep[]> {
    const isThere = isPresent(this.#directory)
    const store = isThere ? await this.#store() : undefined
    const rest = store
      ? await store.read(() => provisionPlan(store.database, place), signal)
      : provisionPlan(undefined, place)
    const action = isThere ? 'keep' : 'create'
    return [{ kind: 'directory', name: this.#directory, action, settings: {}, differences: [] }, ...rest]
  }

  async close(): Promise<void> {
    const use = this.#use
    this.#use = undefined
    await (await use?.catch(() => undefined))?.release()
  }

  async #store(): Promise<Store> {
    checkPresent(this.#directory)
    this.#use ??= useStore(this.#directory, this.#fsync)
    return (await this.#use).store
  }
}
