import type {
  Administration,
  Check,
  Estate,
  MessageCounts,
  ProvisionStep,
  QueueNamesOptions,
  Removal,
  Removed,
  Subject,
  TearDownOptions,
} from '../../administration.ts'
import type { Cancellable, Place } from '../../backend.ts'
import { provisionPlan } from '../provision-plan.ts'
import { textOf } from '../row.ts'
import { type StoreUse, useStore } from '../sharing.ts'
import { checkPresent, isPresent, type Store } from '../store.ts'
import { checks } from './checks.ts'
import { counts } from './counts.ts'
import { hasOthers, removeDirectory } from './directory.ts'
import { isAllOf, tearDown, tearDownPlan } from './tear-down.ts'

/** Looks after the queues in one directory. Nothing is made where there is none. */
export class LocalAdministration implements Administration {
  readonly isApproximate = false
  readonly #directory: string
  readonly #fsync: boolean
  #use: Promise<StoreUse> | undefined
  #opened: StoreUse | undefined

  constructor(directory: string, fsync: boolean) {
    this.#directory = directory
    this.#fsync = fsync
  }

  async queueNames({ signal, prefix = '' }: QueueNamesOptions = {}): Promise<readonly string[]> {
    const store = await this.#store()
    const rows = await store.read(() => store.database.sql('SELECT name FROM queues ORDER BY name').all(), signal)
    return rows.map((row) => textOf(row, 'name')).filter((name) => name.startsWith(prefix))
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

  async tearDownPlan(estate: Estate, options: Cancellable = {}): Promise<readonly Removal[]> {
    if (!isPresent(this.#directory)) return []
    const store = await this.#store()
    const plan = await tearDownPlan(estate, store, options)
    if (plan.length === 0 || !(await store.read(() => isAllOf(store.database, plan)))) return plan
    const stays = (await hasOthers(this.#directory)) ? 'other files are in it' : undefined
    return [...plan, { kind: 'directory', name: this.#directory, count: 1, ...(stays && { stays }) }]
  }

  async tearDown(estate: Estate, options: TearDownOptions = {}): Promise<readonly Removed[]> {
    if (!isPresent(this.#directory)) return []
    const store = await this.#store()
    const removed = await tearDown(estate, store, options)
    if (removed.length === 0 || !(await store.read(() => isAllOf(store.database, [])))) return removed
    await this.close()
    return [...removed, await removeDirectory(this.#directory)]
  }

  checks(subject?: Subject): readonly Check[] {
    return checks(this.#directory, () => this.#store(), subject)
  }

  /** An opening that still waits for its turn is not waited for. */
  async close(): Promise<void> {
    const [use, opened] = [this.#use, this.#opened]
    this.#use = this.#opened = undefined
    if (opened) await opened.release()
    else void use?.then((late) => late.release()).catch(() => {})
  }

  async #store(): Promise<Store> {
    checkPresent(this.#directory)
    const use = (this.#use ??= useStore(this.#directory, this.#fsync))
    const opened = await use
    if (this.#use === use) this.#opened = opened
    return opened.store
  }
}
