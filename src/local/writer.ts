import { setImmediate as turn } from 'node:timers/promises'
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
  write<T>(work: () => T, signal?: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      const forget = (): void => signal?.removeEventListener('abort', drop)
      const write: Write = {
        isDropped: false,
        run: () => {
          const value = work()
          return () => (forget(), resolve(value))
        },
        reject: (error) => (forget(), reject(fromLocal(error, this.#database.path))),
      }
      const drop = (): void => {
        write.isDropped = true
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', drop, { once: true })
      this.#waiting.push(write)
      this.#draining ??= this.#drain()
    })
  }

  /** Waits for the writes under way. */
  async idle(): Promise<void> {
    while (this.#draining) await this.#draining
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      await turn()
      await whileBusy(() => this.#commitWaiting(), this.#database.path).catch((error: unknown) =>
        this.#rejectAll(error),
      )
    }
    this.#draining = undefined
  }

  #rejectAll(error: unknown): void {
    for (const write of this.#waiting.splice(0)) write.reject(error)
  }

  #commitWaiting(): void {
    const waiting = (this.#waiting = this.#waiting.filter((write) => !write.isDropped))
    if (waiting.length === 0) return
    this.#database.checkInPlace()
    const count = this.#commitTogether(waiting) ?? this.#commitApart(waiting)
    this.#waiting.splice(0, count)
  }

  /** The usual case, without the cost of savepoints. Undefined when one failed: then nothing was written. */
  #commitTogether(waiting: readonly Write[]): number | undefined {
    const acknowledge: (() => void)[] = []
    try {
      this.#transaction(() => runFor(longestGroup, waiting, (write) => acknowledge.push(write.run())))
    } catch (error) {
      if (isBusy(error)) throw error
      return undefined
    }
    for (const tell of acknowledge) tell()
    return acknowledge.length
  }

  /** Each in a savepoint: what one did before it failed is undone, and the others go on. */
  #commitApart(waiting: readonly Write[]): number {
    const tell: (() => void)[] = []
    this.#transaction(() => runFor(longestGroup, waiting, (write) => tell.push(this.#tryOne(write))))
    for (const one of tell) one()
    return tell.length
  }

  #tryOne(write: Write): () => void {
    this.#run('SAVEPOINT one')
    try {
      return write.run()
    } catch (error) {
      // A full or failing disk ends the transaction itself, and so every write in it.
      if (!this.#database.isTransaction || isBusy(error)) throw error
      this.#run('ROLLBACK TO one')
      return () => write.reject(error)
    } finally {
      if (this.#database.isTransaction) this.#run('RELEASE one')
    }
  }

  #transaction(work: () => void): void {
    this.#run('BEGIN IMMEDIATE')
    try {
      work()
      this.#run('COMMIT')
    } catch (error) {
      if (this.#database.isTransaction) this.#run('ROLLBACK')
      throw error
    }
  }

  #run(text: string): void {
    this.#database.sql(text).run()
  }
}

interface Write {
  isDropped: boolean
  /** Does it, and gives what tells its caller, to be called once it is committed. */
  run(): () => void
  reject(error: unknown): void
}

function runFor(milliseconds: number, writes: readonly Write[], run: (write: Write) => void): void {
  const end = performance.now() + milliseconds
  for (const write of writes) {
    run(write)
    if (performance.now() > end) return
  }
}
