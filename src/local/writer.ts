import { setImmediate as turn } from 'node:timers/promises'
import type { RemoteJobError } from '../errors.ts'
import type { Database } from './database.ts'
import { fromLocal, isBusy } from './errors.ts'
import type { Log } from './log.ts'
import { whileBusy } from './patience.ts'

/** Milliseconds of work in one transaction, after which the event loop has its turn. */
const longestGroup = 20

/**
 * Group commit: writes that are asked for in the same turn of the event loop share one transaction, and transactions share flushes.
 * Each write succeeds or fails for itself, and none is acknowledged before its commit is on the disk.
 */
export class Writer {
  readonly #database: Database
  readonly #log: Log
  readonly #flushing = new Set<Promise<void>>()
  #waiting: Write[] = []
  #draining: Promise<void> | undefined

  constructor(database: Database, log: Log) {
    this.#database = database
    this.#log = log
  }

  /** Whether something is committed that may not be on the disk yet. */
  get isFlushing(): boolean {
    return this.#flushing.size > 0
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
    while (this.#draining ?? this.isFlushing) await Promise.all([this.#draining, ...this.#flushing])
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
          return { written: forget, tell: () => resolve(value), reject }
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
    // What is written cannot be dropped any more.
    for (const { written } of told) written()
    const flushing = this.#tellWhenFlushed(told).finally(() => this.#flushing.delete(flushing))
    this.#flushing.add(flushing)
  }

  async #tellWhenFlushed(told: readonly Told[]): Promise<void> {
    try {
      await this.#log.flushed()
      for (const { tell } of told) tell()
    } catch (error) {
      for (const { reject } of told) reject(this.#translated(error))
    }
  }

  /** The usual case, without the cost of savepoints. Undefined when one failed: then nothing was written. */
  #commitTogether(): Told[] | undefined {
    try {
      return this.#transaction(() => forAWhile(this.#waiting, (write) => write.run()))
    } catch (error) {
      if (isBusy(error)) throw error
      return undefined
    }
  }

  /** Each in a savepoint: what one did before it failed is undone, and the others go on. */
  #commitApart(): Told[] {
    return this.#transaction(() => forAWhile(this.#waiting, (write) => this.#tryOne(write)))
  }

  #tryOne(write: Write): Told {
    this.#run('SAVEPOINT one')
    try {
      return write.run()
    } catch (error) {
      // A full or failing disk ends the transaction itself, and so every write in it.
      if (!this.#database.isTransaction || isBusy(error)) throw error
      this.#run('ROLLBACK TO one')
      const tell = (): void => write.reject(this.#translated(error))
      return { written: () => {}, tell, reject: tell }
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

/** Settles the promise of a write. */
interface Told {
  /** It is committed. */
  readonly written: () => void
  /** And it is on the disk. */
  readonly tell: () => void
  readonly reject: (error: Error) => void
}

interface Write {
  isDropped: boolean
  run(): Told
  reject(error: Error): void
}

/** Does the first of them, or as many as a group has time for. */
function forAWhile(writes: readonly Write[], run: (write: Write) => Told): Told[] {
  const end = performance.now() + longestGroup
  const told: Told[] = []
  for (const write of writes) {
    told.push(run(write))
    if (performance.now() > end) break
  }
  return told
}
