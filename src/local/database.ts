import { closeSync, openSync, statSync } from 'node:fs'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { RemoteJobError } from '../errors.ts'
import { systemCode } from './errors.ts'
import { checkSchema, makeSchema } from './schema.ts'
import { loadSqlite } from './sqlite.ts'

/** Milliseconds that SQLite itself may wait for a lock and stop the event loop; what is longer waits in `whileBusy`. */
const busyTimeout = 5
/** Pages of 4 KiB after which a commit moves the log into the database. */
const checkpointPages = 4000
const logBytesKept = 64 * 1024 * 1024

/** The connection of this process to one database file, and its prepared statements. */
export class Database {
  readonly path: string
  readonly #connection: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  readonly #inode: bigint

  /** Opens the database and makes its tables. Throws SQLite's own errors; busy ones are worth another try. */
  constructor(path: string) {
    this.path = path
    makePrivate(path)
    this.#connection = new (loadSqlite().DatabaseSync)(path)
    try {
      this.#connection.exec(`PRAGMA busy_timeout = ${busyTimeout}`)
      checkSchema(this.#connection, path)
      configure(this.#connection, path)
      makeSchema(this.#connection)
      this.#inode = statSync(path, { bigint: true }).ino
    } catch (error) {
      this.#connection.close()
      throw error
    }
  }

  /** The prepared statement of a constant text. */
  sql(text: string): StatementSync {
    const known = this.#statements.get(text)
    if (known) return known
    const statement = this.#connection.prepare(text)
    this.#statements.set(text, statement)
    return statement
  }

  /** The file of the write-ahead log. */
  get log(): string {
    return `${this.path}-wal`
  }

  get isTransaction(): boolean {
    return this.#connection.isTransaction
  }

  /** A number that changes when another connection commits. Reads shared memory, not the disk. */
  foreignVersion(): number {
    const { data_version: version } = this.sql('PRAGMA data_version').get() ?? {}
    return typeof version === 'number' ? version : NaN
  }

  /**
   * SQLite goes on writing into a file that was deleted or replaced underneath it, where nobody will ever read it.
   * @throws RemoteJobError `UNAVAILABLE`
   */
  checkInPlace(): void {
    if (statSync(this.path, { bigint: true, throwIfNoEntry: false })?.ino === this.#inode) return
    const message = `${this.path} was deleted or replaced while in use; put it back or start this process again`
    throw new RemoteJobError('UNAVAILABLE', message)
  }

  close(): void {
    this.#statements.clear()
    this.#connection.close()
  }
}

/**
 * SQLite lets all users read a file that it makes, and gives its log the mode of the file. One that is there is not opened here: closing it
 * would take the locks of this process's other connections.
 */
function makePrivate(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    // Anything but that SQLite tells better.
    if (systemCode(error) === undefined) throw error
  }
}

function configure(connection: DatabaseSync, path: string): void {
  // Before the first table, or never: lets the file shrink when jobs are removed.
  connection.exec('PRAGMA auto_vacuum = INCREMENTAL')
  const { journal_mode: mode } = connection.prepare('PRAGMA journal_mode = WAL').get() ?? {}
  if (mode !== 'wal') {
    const message = `${path} cannot share its log between processes; the directory has to be on a local disk, not on a network`
    throw new RemoteJobError('UNAVAILABLE', message)
  }
  // Flushes only around a checkpoint, which keeps the database whole; what else there is to flush `Log` does.
  connection.exec('PRAGMA synchronous = NORMAL')
  // What is deleted is overwritten: a secret that is gone is not in the file any more.
  connection.exec('PRAGMA secure_delete = ON')
  connection.exec(`PRAGMA wal_autocheckpoint = ${checkpointPages}`)
  connection.exec(`PRAGMA journal_size_limit = ${logBytesKept}`)
}
