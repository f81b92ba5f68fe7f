import type { EventFilter } from '../object-events.ts'
import { formatNotification, isOwnObject, type ObjectEvent } from '../protocol/object-event.ts'
import type { Database } from './database.ts'
import { MessageTable } from './message-table.ts'
import type { StoredObject } from './object-table.ts'
import { numberOf, textOf } from './row.ts'

/** An object that something happened to, as it is or was. */
export type Changed = Pick<StoredObject, 'key' | 'size' | 'etag' | 'contentType'>

/** Which queues are told of what happens to the objects of one bucket. What writes is to be called in a transaction. */
export class Watches {
  readonly #database: Database
  readonly #bucket: string

  constructor(database: Database, bucket: string) {
    this.#database = database
    this.#bucket = bucket
  }

  /** Whether anybody is told of anything. */
  get isWatched(): boolean {
    return this.#database.sql('SELECT 1 FROM watches WHERE bucket = ? LIMIT 1').get(this.#bucket) !== undefined
  }

  filtersOf(queue: string): EventFilter[] {
    const text = 'SELECT event_type, prefix, suffix FROM watches WHERE bucket = ? AND queue = ? ORDER BY number'
    return this.#database
      .sql(text)
      .all(this.#bucket, queue)
      .map((row) => ({
        eventType: eventTypeOf(textOf(row, 'event_type')),
        prefix: textOf(row, 'prefix'),
        suffix: textOf(row, 'suffix'),
      }))
  }

  replace(queue: string, filters: readonly EventFilter[]): void {
    this.#database.sql('DELETE FROM watches WHERE bucket = ? AND queue = ?').run(this.#bucket, queue)
    const text = 'INSERT INTO watches (bucket, queue, event_type, prefix, suffix) VALUES (?, ?, ?, ?, ?)'
    for (const { eventType, prefix, suffix } of filters)
      this.#database.sql(text).run(this.#bucket, queue, eventType, prefix, suffix)
  }

  /** Tells the queues that want to know, in the transaction of the change itself: neither is there without the other. Gives their names. */
  tell(kind: ObjectEvent['kind'], { key, size, etag, contentType }: Changed): readonly string[] {
    // Nobody wants these, and whoever watches a queue's bucket would get several for every job.
    if (isOwnObject({ bucket: this.#bucket, key }, { bucket: '', prefix: '' })) return []
    const told = this.#queuesFor(kind, key)
    for (const queue of told) {
      const sequencer = this.#nextNumber().toString(16).padStart(16, '0').toUpperCase()
      const event = { kind, bucket: this.#bucket, key, size, contentType, time: new Date().toISOString() }
      const body = formatNotification(
        { ...event, etag: kind === 'write' ? etag : undefined, requestId: sequencer },
        sequencer,
      )
      new MessageTable(this.#database, queue).send({ body })
    }
    return told
  }

  /** Queues that are there no more are told of nothing, as S3 has it. */
  #queuesFor(kind: ObjectEvent['kind'], key: string): string[] {
    const text = `SELECT DISTINCT queue
      FROM (SELECT ? AS key) JOIN watches JOIN queues ON queues.name = watches.queue
      WHERE bucket = ? AND event_type IN ('all', ?) AND length(key) >= length(prefix) AND length(key) >= length(suffix)
        AND substr(key, 1, length(prefix)) = prefix AND substr(key, length(key) - length(suffix) + 1) = suffix`
    return this.#database
      .sql(text)
      .all(key, this.#bucket, kind)
      .map((row) => textOf(row, 'queue'))
  }

  /** The number of the next message: numbers only grow, and none is used twice. */
  #nextNumber(): number {
    const row = this.#database.sql("SELECT seq FROM sqlite_sequence WHERE name = 'messages'").get()
    return 1 + (row ? numberOf(row, 'seq') : 0)
  }
}

function eventTypeOf(text: string): EventFilter['eventType'] {
  return text === 'write' || text === 'delete' ? text : 'all'
}
