import type { ListedObject, PutOptions } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import type { Content } from './content.ts'
import type { Database } from './database.ts'
import { bytesOf, maybeNumberOf, maybeTextOf, numberOf, type Row, textOf } from './row.ts'

/** What the row of an object says. */
export interface StoredObject {
  readonly key: string
  readonly etag: string
  readonly size: number
  readonly contentType: string | undefined
  readonly note: string | undefined
  readonly modifiedAt: number
  /** The name of the file that has its bytes, when they are many. */
  readonly file: string | undefined
}

/** What a write did: whether the row is the given one, and the file that no row names any more. */
export interface Outcome {
  readonly isWritten: boolean
  readonly garbage: string | undefined
}

const columns = 'key, etag, size, content_type, note, modified_at, file, content'
const here = 'WHERE bucket = ? AND key = ?'

/** The rows of one bucket. What writes is to be called in a transaction. */
export class ObjectTable {
  readonly #database: Database
  readonly #bucket: string

  constructor(database: Database, bucket: string) {
    this.#database = database
    this.#bucket = bucket
  }

  find(key: string): StoredObject | undefined {
    const row = this.#row(key)
    return row && storedObject(row)
  }

  /** The object with its bytes, unless they are in a file. */
  read(key: string): { readonly object: StoredObject; readonly data: Uint8Array } | undefined {
    const row = this.#row(key)
    return row && { object: storedObject(row), data: this.#data(maybeNumberOf(row, 'content')) }
  }

  put(key: string, content: Content, options: PutOptions): Outcome {
    // Most keys are new.
    if (this.#insert(key, content, options)) return { isWritten: true, garbage: undefined }
    const garbage = this.delete(key)
    return { isWritten: this.#insert(key, content, options), garbage }
  }

  putIfAbsent(key: string, content: Content, options: PutOptions): Outcome {
    return { isWritten: this.#insert(key, content, options), garbage: undefined }
  }

  /** Gives the file that the object had, which is garbage now. */
  delete(key: string): string | undefined {
    const row = this.#database.sql(`DELETE FROM objects ${here} RETURNING content, file`).get(this.#bucket, key)
    if (!row) return undefined
    this.#deleteData(maybeNumberOf(row, 'content') ?? null)
    const file = maybeTextOf(row, 'file')
    if (file !== undefined) this.#database.sql('INSERT INTO garbage (file) VALUES (?)').run(file)
    return file
  }

  list(prefix: string, after: string | undefined, limit: number): ListedObject[] {
    const isAfter = after !== undefined && Buffer.compare(Buffer.from(after), Buffer.from(prefix)) >= 0
    const [from, comparison] = isAfter ? [after, '>'] : [prefix, '>=']
    const text = `SELECT key, size, modified_at FROM objects
      WHERE bucket = ? AND key ${comparison} ? AND key < CAST(? AS TEXT) ORDER BY key LIMIT ?`
    return this.#database.sql(text).all(this.#bucket, from, endOf(prefix), limit).map(listedObject)
  }

  #row(key: string): Row | undefined {
    return this.#database.sql(`SELECT ${columns} FROM objects ${here}`).get(this.#bucket, key)
  }

  #data(content: number | undefined): Uint8Array {
    if (content === undefined) return new Uint8Array()
    const row = this.#database.sql('SELECT data FROM contents WHERE number = ?').get(content)
    return row ? bytesOf(row, 'data') : new Uint8Array()
  }

  /** False when the key is taken. */
  #insert(key: string, content: Content, options: PutOptions): boolean {
    const { etag, size, file } = content
    const number = this.#insertData(content.data)
    const text = `INSERT INTO objects (bucket, ${columns})
      SELECT name, ?, ?, ?, ?, ?, ?, ?, ? FROM buckets WHERE name = ? ON CONFLICT DO NOTHING`
    const { changes } = this.#database
      .sql(text)
      .run(
        key,
        etag,
        size,
        options.contentType ?? null,
        options.note ?? null,
        Date.now(),
        file ?? null,
        number,
        this.#bucket,
      )
    if (changes === 1) return true
    this.#checkBucket()
    this.#deleteData(number)
    return false
  }

  #checkBucket(): void {
    if (this.#database.sql('SELECT 1 FROM buckets WHERE name = ?').get(this.#bucket)) return
    const message = `No bucket "${this.#bucket}" in ${this.#database.path}: let it be made (provision: 'auto', or \`queue.ready()\`)`
    throw new RemoteJobError('NOT_FOUND', message)
  }

  #insertData(data: Uint8Array | undefined): number | null {
    if (!data?.byteLength) return null
    return Number(this.#database.sql('INSERT INTO contents (data) VALUES (?)').run(data).lastInsertRowid)
  }

  #deleteData(number: number | null): void {
    if (number !== null) this.#database.sql('DELETE FROM contents WHERE number = ?').run(number)
  }
}

/** Just behind every key that begins with `prefix`: no UTF-8 text holds the byte 0xff. */
const endOf = (prefix: string): Uint8Array => Buffer.concat([Buffer.from(prefix), Buffer.of(0xff)])

function storedObject(row: Row): StoredObject {
  return {
    key: textOf(row, 'key'),
    etag: textOf(row, 'etag'),
    size: numberOf(row, 'size'),
    contentType: maybeTextOf(row, 'content_type'),
    note: maybeTextOf(row, 'note'),
    modifiedAt: numberOf(row, 'modified_at'),
    file: maybeTextOf(row, 'file'),
  }
}

function listedObject(row: Row): ListedObject {
  return { key: textOf(row, 'key'), size: numberOf(row, 'size'), lastModified: new Date(numberOf(row, 'modified_at')) }
}
