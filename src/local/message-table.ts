import { randomUUID } from 'node:crypto'
import type { Delivery, OutgoingMessage } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import type { Database } from './database.ts'
import { maybeNumberOf, maybeTextOf, numberOf, type Row, textOf } from './row.ts'
import { retention } from './sweep.ts'

/** Looks in one transaction for messages that are not poison. The next receive goes on where this one ended. */
const mostRounds = 50

/** What a receive found. */
export interface Taking {
  readonly deliveries: readonly Delivery[]
  /** The dead-letter queue, when messages were moved there. */
  readonly movedTo: string | undefined
}

/** The messages of one queue. What writes is to be called in a transaction. */
export class MessageTable {
  readonly #database: Database
  readonly #queue: string

  constructor(database: Database, queue: string) {
    this.#database = database
    this.#queue = queue
  }

  send({ body, attributes = {}, delaySeconds = 0 }: OutgoingMessage): void {
    const now = Date.now()
    const { changes } = this.#database
      .sql(
        `INSERT INTO messages (id, queue, body, attributes, sent_at, visible_at, receive_count)
         SELECT ?, name, ?, ?, ?, ?, 0 FROM queues WHERE name = ?`,
      )
      .run(randomUUID(), body, JSON.stringify(attributes), now, later(now, delaySeconds), this.#queue)
    if (changes === 0) throw missingQueue(this.#queue, this.#database.path)
  }

  /** When the next message becomes visible, in milliseconds since 1970; a time gone by when one is. */
  nextVisibleAt(): number | undefined {
    const row = this.#database
      .sql('SELECT visible_at FROM messages WHERE queue = ? ORDER BY visible_at LIMIT 1')
      .get(this.#queue)
    if (row) return numberOf(row, 'visible_at')
    this.#settings() // nothing, but in a queue that there is
    return undefined
  }

  /** Takes up to `max` visible messages, those that have been visible longest first. */
  take(max: number, leaseSeconds: number): Taking {
    const settings = this.#settings()
    const now = Date.now()
    const deliveries: Delivery[] = []
    let isMoved = false
    for (let round = 0; round < mostRounds; round += 1) {
      const wanted = max - deliveries.length
      const rows = this.#visible(now, wanted)
      for (const row of rows) {
        if (numberOf(row, 'sent_at') <= now - retention) this.#remove(row)
        else if (numberOf(row, 'receive_count') < settings.maxReceives) deliveries.push(this.#lease(row, leaseSeconds))
        else isMoved = this.#move(row, settings.deadLetterQueue, now)
      }
      if (rows.length < wanted || deliveries.length === max) break
    }
    return { deliveries, movedTo: isMoved ? settings.deadLetterQueue : undefined }
  }

  delete(receipt: string): void {
    const { number, count } = parseReceipt(receipt)
    this.#database
      .sql('DELETE FROM messages WHERE number = ? AND queue = ? AND receive_count = ?')
      .run(number, this.#queue, count)
  }

  /** False when the lease is over, or somebody else's. */
  extend(receipt: string, seconds: number): boolean {
    const { number, count } = parseReceipt(receipt)
    const now = Date.now()
    const { changes } = this.#database
      .sql(
        `UPDATE messages SET visible_at = ?
         WHERE number = ? AND queue = ? AND receive_count = ? AND visible_at > ?`,
      )
      .run(later(now, seconds), number, this.#queue, count, now)
    return changes === 1
  }

  #settings(): Settings {
    const row = this.#database.sql('SELECT dead_letter_queue, max_receives FROM queues WHERE name = ?').get(this.#queue)
    if (!row) throw missingQueue(this.#queue, this.#database.path)
    const deadLetterQueue = maybeTextOf(row, 'dead_letter_queue')
    const maxReceives = deadLetterQueue === undefined ? Infinity : (maybeNumberOf(row, 'max_receives') ?? Infinity)
    return { deadLetterQueue, maxReceives }
  }

  #visible(now: number, limit: number): Row[] {
    return this.#database
      .sql(
        `SELECT number, id, body, attributes, sent_at, receive_count FROM messages
         WHERE queue = ? AND visible_at <= ? ORDER BY visible_at, number LIMIT ?`,
      )
      .all(this.#queue, now, limit)
  }

  #lease(row: Row, leaseSeconds: number): Delivery {
    const number = numberOf(row, 'number')
    const receiveCount = numberOf(row, 'receive_count') + 1
    // A lease of no time lasts a moment, so that one receive does not take a message twice.
    const now = Date.now()
    const visibleAt = Math.max(now + 1, later(now, leaseSeconds))
    this.#database
      .sql('UPDATE messages SET visible_at = ?, receive_count = ? WHERE number = ?')
      .run(visibleAt, receiveCount, number)
    return {
      messageId: textOf(row, 'id'),
      receipt: `${number}.${receiveCount}`,
      body: textOf(row, 'body'),
      attributes: parseAttributes(textOf(row, 'attributes')),
      receiveCount,
      sentAt: new Date(numberOf(row, 'sent_at')),
    }
  }

  #move(row: Row, to: string | undefined, now: number): true {
    const text = 'UPDATE messages SET queue = ?, visible_at = ? WHERE number = ?'
    this.#database.sql(text).run(to ?? this.#queue, now, numberOf(row, 'number'))
    return true
  }

  #remove(row: Row): void {
    this.#database.sql('DELETE FROM messages WHERE number = ?').run(numberOf(row, 'number'))
  }
}

interface Settings {
  readonly deadLetterQueue: string | undefined
  readonly maxReceives: number
}

/** Whole milliseconds: the column takes nothing else. */
const later = (now: number, seconds: number): number => Math.round(now + seconds * 1000)

/** A receipt names one hand-over: the count changes with every receive, so that old receipts find nothing. */
function parseReceipt(receipt: string): { readonly number: number; readonly count: number } {
  const [number, count] = /^\d+\.\d+$/.test(receipt) ? receipt.split('.') : []
  return { number: Number(number ?? -1), count: Number(count ?? -1) }
}

function parseAttributes(json: string): Record<string, string> {
  const parsed: unknown = JSON.parse(json)
  const entries = typeof parsed === 'object' && parsed !== null ? Object.entries(parsed) : []
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}

function missingQueue(name: string, path: string): RemoteJobError {
  const message = `No queue "${name}" in ${path}: let it be made (provision: 'auto', or \`queue.ready()\`)`
  return new RemoteJobError('NOT_FOUND', message)
}
