import { setImmediate as turn } from 'node:timers/promises'
import type { RemoteJobError } from '../errors.ts'
import type { Database } from './database.ts'
import { fromLocal, isBusy } from './errors.ts'
import { whileBusy } from './patience.ts'

/** Milliseconds of work in one transaction, after which the event loop has its turn. */
const longestGroup = 20

/**
 * Group commit: writes that are asked for in the same turn of the event loop share one transaction, and so one fsync.
 * Each succeeds or fails for itself, and none is acknowledged before the commit.
 */
export class Writer {
  readonly #database: Database
  #waiting: Write[] = []
  #draining: Promise<void> | undefined

  constructor(database: Database) {
    this.#database = database
  }

  /**
   * Runs `work` in a transaction. It may be run more than once, and only its last result counts: it has to leave alone
   * everything but the database.
   */
  async write<T>(work: () => T, signal?: AbortSignal): Promise<T> {
    try {
      return await this.#enqueue(work, signal)
    } catch (error) {
      signal?.throwIfAborted()
      throw error
    }
  }

  /** Waits for the writes under way. */
  async idle(): Promise<void> {
    while (this.#draining) await this.#draining
  }

  #enqueue<T>(work: () => T, signal: AbortSignal | undefined): Promise<T> {
    signal?.throwIfAborted()
    return new Promise((resolve, reject) => {
      const forget = (): void => signal?.removeEventListener('abort', drop)
      const drop = (): void => {
        write.isDropped = true
        reject(new Error('Aborted before it was written'))
      }
      const write: Write = {
        isDropped: false,
        run: () => {
          const value = work()
          return () => (forget(), resolve(value))
        },
        reject: (error) => (forget(), reject(error)),
      }
      signal?.addEventListener('abort', drop, { once: true })
      this.#waiting.push(write)
      this.#draining ??= this.#drain()
    })
  }

  async #drain(): Promise<void> {
    const { path } = this.#database
    while (this.#waiting.length > 0) {
      await turn()
      await whileBusy(() => this.#commitWaiting(), path).catch((error: unknown) => this.#rejectAll(error))
    }
    this.#draining = undefined
  }

  #rejectAll(error: unknown): void {
    for (const write of this.#waiting.splice(0)) write.reject(this.#translated(error))
  }

  #commitWaiting(): void {
    this.#waiting = this.#waiting.filter((write) => !write.isDropped)
    if (this.#waiting.length === 0) return
    this.#database.checkInPlace()
    const told = this.#commitTogether() ?? this.#commitApart()
    this.#waiting.splice(0, told.length)
    for (const tell of told) tell()
  }

  /** The usual case, without the cost of savepoints. Undefined when one failed: then nothing was written. */
  #commitTogether(): Tell[] | undefined {
    try {
      return this.#transaction(() => forAWhile(this.#waiting, (write) => write.run()))
    } catch (error) {
      if (isBusy(error)) throw error
      return undefined
    }
  }

  /** Each in a savepoint: what one did before it failed is undone, and the others go on. */
  #commitApart(): Tell[] {
    return this.#transaction(() => forAWhile(this.#waiting, (write) => this.#tryOne(write)))
  }

  #tryOne(write: Write): Tell {
    this.#run('SAVEPOINT one')
    try {
      return write.run()
    } catch (error) {
      // A full or failing disk ends the transaction itself, and so every write in it.
      if (!this.#database.isTransaction || isBusy(error)) throw error
      this.#run('ROLLBACK TO one')
      return () => write.reject(this.#translated(error))
    } finally {
      if (this.#database.isTransaction) this.#run('RELEASE one')
    }
  }

  #transaction<T>(work: () => T): T {
    this.#run('BEGIN IMMEDIATE')
    try {
      const result = work()
      this.#run('COMMIT')
      return result
    } catch (error) {
      if (this.#database.isTransaction) this.#run('ROLLBACK')
      throw error
    }
  }

  #translated(error: unknown): RemoteJobError {
    return fromLocal(error, this.#database.path)
  }

  #run(text: string): void {
    this.#database.sql(text).run()
  }
}

/** Settles the promise of a write, once it is committed. */
type Tell = () => void

interface Write {
  isDropped: boolean
  run(): Tell
  reject(error: Error): void
}

/** Does the first of them, or as many as a group has time for. */
function forAWhile(writes: readonly Write[], run: (write: Write) => Tell): Tell[] {
  const end = performance.now() + longestGroup
  const told: Tell[] = []
  for (const write of writes) {
    told.push(run(write))
    if (performance.now() > end) break
  }
  return told
}
