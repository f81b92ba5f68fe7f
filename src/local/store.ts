import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { RemoteJobError } from '../errors.ts'
import { Bell } from './bell.ts'
import { Database } from './database.ts'
import { fromLocal } from './errors.ts'
import { Files } from './files.ts'
import { ForeignCommits } from './foreign-commits.ts'
import { Log } from './log.ts'
import { whileBusy } from './patience.ts'
import { Writer } from './writer.ts'

/** Milliseconds of reads after which the event loop has its turn, and the file is looked for. */
const longestTurn = 10

/** One directory, open in this process: the database, the files, and the bell of those who wait. */
export class Store {
  readonly directory: string
  readonly database: Database
  readonly files: Files
  readonly bell: Bell
  readonly #log: Log
  readonly #writer: Writer
  readonly #background = new Set<Promise<unknown>>()
  #isClosed = false
  #checkedAt = -Infinity
  #flushedVersion = NaN

  constructor(directory: string, database: Database, log: Log) {
    this.directory = directory
    this.database = database
    this.files = new Files(directory)
    this.bell = new Bell((tell) => new ForeignCommits(() => database.foreignVersion(), database.log, tell))
    this.#log = log
    this.#writer = new Writer(database, log)
  }

  /** Reads what is committed. */
  async read<T>(work: () => T, signal?: AbortSignal): Promise<T> {
    // A read waits for nothing, and a loop of nothing but reads would keep everybody else from their turn.
    if (this.#isLongTurn) await turn()
    if (this.#isClosed) throw closedError()
    try {
      this.#check()
      return await whileBusy(work, this.database.path, { signal })
    } catch (error) {
      signal?.throwIfAborted()
      throw fromLocal(error, this.directory)
    }
  }

  /** Writes with others in one transaction; see `Writer`. */
  async write<T>(work: () => T, signal?: AbortSignal): Promise<T> {
    if (this.#isClosed) throw closedError()
    return await this.#writer.write(work, signal)
  }

  /**
   * Waits until what was read is on the disk, for who may act on it where no power cut can undo it. Costs a flush only when something
   * was committed since the last one.
   */
  async settled(): Promise<void> {
    const version = this.database.foreignVersion()
    if (version === this.#flushedVersion && !this.#writer.isFlushing) return
    await this.#log.flushed()
    this.#flushedVersion = version
  }

  /** Lets go of work that nobody waits for and that may fail: a sweep does it again. */
  inBackground(work: Promise<unknown>): void {
    const settled = work.catch(() => {}).finally(() => this.#background.delete(settled))
    this.#background.add(settled)
  }

  /** Finishes what was asked for, and closes the database. */
  async close(): Promise<void> {
    await this.#finish()
    this.#isClosed = true
    await this.#finish()
    await this.#log.close()
    this.database.close()
  }

  get #isLongTurn(): boolean {
    return performance.now() - this.#checkedAt >= longestTurn
  }

  /** Asks for the file once a turn: a call to the system costs as much as the read. */
  #check(): void {
    if (!this.#isLongTurn) return
    this.database.checkInPlace()
    this.#checkedAt = performance.now()
  }

  async #finish(): Promise<void> {
    await this.#writer.idle()
    while (this.#background.size > 0) await Promise.all(this.#background)
  }
}

export const closedError = (): RemoteJobError => new RemoteJobError('CLOSED', 'This queue was closed: make another one')

/** Where the database of a directory is. */
export const databasePath = (directory: string): string => join(directory, 'remotejob.sqlite3')

/** Whether something was ever stored there. */
export const isPresent = (directory: string): boolean => existsSync(databasePath(directory))

/** @throws RemoteJobError `NOT_FOUND` where nothing was ever stored */
export function checkPresent(directory: string): void {
  if (isPresent(directory)) return
  const message = `No local store at ${directory}: check the path, or let a queue make it (provision: 'auto')`
  throw new RemoteJobError('NOT_FOUND', message)
}

export async function openStore(directory: string, fsync: boolean): Promise<Store> {
  try {
    await new Files(directory).make()
    const path = databasePath(directory)
    const database = await whileBusy(() => new Database(path), path)
    return new Store(directory, database, new Log(database.log, fsync))
  } catch (error) {
    throw fromLocal(error, directory)
  }
}
