import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { RemoteJobError } from '../errors.ts'
import { Bell } from './bell.ts'
import { Database } from './database.ts'
import { fromLocal } from './errors.ts'
import { Files } from './files.ts'
import { ForeignCommits } from './foreign-commits.ts'
import { whileBusy } from './patience.ts'
import { Writer } from './writer.ts'

/** Milliseconds of reads after which the event loop has its turn. */
const longestTurn = 10

/** One directory, open in this process: the database, the files, and the bell of those who wait. */
export class Store {
  readonly directory: string
  readonly database: Database
  readonly files: Files
  readonly bell: Bell
  readonly #writer: Writer
  readonly #background = new Set<Promise<unknown>>()
  #isClosed = false
  #gaveWayAt = 0

  constructor(directory: string, database: Database, files: Files) {
    this.directory = directory
    this.database = database
    this.files = files
    this.bell = new Bell((tell) => new ForeignCommits(() => database.foreignVersion(), `${database.path}-wal`, tell))
    this.#writer = new Writer(database)
  }

  /** Reads what is committed. */
  async read<T>(work: () => T, signal?: AbortSignal): Promise<T> {
    await this.#giveWay()
    if (this.#isClosed) throw closedError()
    try {
      this.database.checkInPlace()
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
    this.database.close()
  }

  /** A read waits for nothing, and a loop of nothing but reads would keep everybody else from their turn. */
  async #giveWay(): Promise<void> {
    if (performance.now() - this.#gaveWayAt < longestTurn) return
    await turn()
    this.#gaveWayAt = performance.now()
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
    const files = new Files(directory, fsync)
    await files.make()
    const path = databasePath(directory)
    return new Store(directory, await whileBusy(() => new Database(path, fsync), path), files)
  } catch (error) {
    throw fromLocal(error, directory)
  }
}
