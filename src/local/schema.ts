import type { DatabaseSync } from 'node:sqlite'
import { RemoteJobError } from '../errors.ts'

/** What this version reads and writes; kept in the database as `user_version`. */
const schemaVersion = 1
/** "RJob": tells our databases from others. */
const applicationId = 0x524a6f62

/**
 * Objects keep their bytes beside, so that a listing of a thousand keys reads no contents: in `contents` when small,
 * in a file when large. A file whose row is gone stands in `garbage` until it is removed, so that a crash leaks none.
 * Messages are numbered for ever (AUTOINCREMENT): a receipt names number and count, and a number used again would make
 * old receipts valid for a new message.
 */
const schema = `
  CREATE TABLE buckets (name TEXT PRIMARY KEY) WITHOUT ROWID, STRICT;
  CREATE TABLE expiries (
    bucket TEXT NOT NULL,
    prefix TEXT NOT NULL,
    days INTEGER NOT NULL,
    PRIMARY KEY (bucket, prefix)
  ) WITHOUT ROWID, STRICT;
  CREATE TABLE objects (
    bucket TEXT NOT NULL,
    key TEXT NOT NULL,
    etag TEXT NOT NULL,
    size INTEGER NOT NULL,
    content_type TEXT,
    note TEXT,
    modified_at INTEGER NOT NULL,
    content INTEGER,
    file TEXT,
    PRIMARY KEY (bucket, key)
  ) WITHOUT ROWID, STRICT;
  CREATE UNIQUE INDEX objects_by_file ON objects (file) WHERE file IS NOT NULL;
  CREATE TABLE contents (number INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
  CREATE TABLE garbage (file TEXT PRIMARY KEY) WITHOUT ROWID, STRICT;
  CREATE TABLE queues (name TEXT PRIMARY KEY, dead_letter_queue TEXT, max_receives INTEGER) WITHOUT ROWID, STRICT;
  CREATE TABLE messages (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    queue TEXT NOT NULL,
    body TEXT NOT NULL,
    attributes TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    visible_at INTEGER NOT NULL,
    receive_count INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE watches (
    number INTEGER PRIMARY KEY,
    bucket TEXT NOT NULL,
    queue TEXT NOT NULL,
    event_type TEXT NOT NULL,
    prefix TEXT NOT NULL,
    suffix TEXT NOT NULL
  ) STRICT;
  CREATE INDEX watches_by_bucket ON watches (bucket, queue);
  CREATE INDEX messages_by_turn ON messages (queue, visible_at);
  PRAGMA application_id = ${applicationId};
  PRAGMA user_version = ${schemaVersion};
`

/**
 * Refuses what this version must not touch; before anything is changed, the journal's mode included.
 * @throws RemoteJobError `UNSUPPORTED` for a newer schema or another program's database
 */
export function checkSchema(database: DatabaseSync, path: string): void {
  if (isEmpty(database)) return
  if (pragma(database, 'application_id') !== applicationId) {
    throw new RemoteJobError('UNSUPPORTED', `${path} is the database of another program; choose another directory`)
  }
  const found = pragma(database, 'user_version')
  if (found === schemaVersion) return
  const message = `${path} was made by a newer remotejob (schema ${found}; this one reads ${schemaVersion}); upgrade remotejob here`
  throw new RemoteJobError('UNSUPPORTED', message)
}

/** Makes the tables in an empty database. */
export function makeSchema(database: DatabaseSync): void {
  if (!isEmpty(database)) return
  database.exec('BEGIN IMMEDIATE')
  try {
    // Another process may have made them while this one waited for its turn.
    if (isEmpty(database)) database.exec(schema)
    database.exec('COMMIT')
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

/** The whole number that a PRAGMA answers with. */
function pragma(database: DatabaseSync, name: string): number {
  const value = Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]
  return typeof value === 'number' ? value : NaN
}

function isEmpty(database: DatabaseSync): boolean {
  return database.prepare('SELECT 1 FROM sqlite_schema').get() === undefined
}
