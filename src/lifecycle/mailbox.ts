import { randomUUID } from 'node:crypto'
import type { MessageQueue, OpenBackend } from '../backend.ts'
import { hasCode, RemoteJobError } from '../errors.ts'
import { pause } from '../pause.ts'
import { readDelivery } from '../protocol/delivery.ts'
import { replyKey } from '../protocol/keys.ts'
import { replyQueueName } from '../protocol/names.ts'
import type { Finish } from '../protocol/message.ts'
import type { ResultRecord } from '../protocol/record.ts'
import { KeptRecords } from './kept-records.ts'
import { Letter } from './letter.ts'
import { type Arrived, Poll } from './poll.ts'
import type { Workspace } from './workspace.ts'

/** What a mailbox works on. */
export type Surroundings = Pick<Workspace, 'name' | 'home' | 'records' | 'objects' | 'closing' | 'report'>

/** Milliseconds between two signs that the requester is there; `reap` takes a queue for left that has had none for a day. */
const signEvery = 3_600_000
/** Milliseconds until a queue that could not be made is tried again. */
const retryAfter = 60_000
/** Seconds that a hint is this requester's: nobody else takes from its queue. */
const leaseSeconds = 30
/** Hints asked for at a time. */
const most = 100
/** Jobs of which it is remembered that their ends will be told; of the others the record is looked for more often. */
const mostExpected = 100_000

/**
 * A requester's private reply queue: made when it is first needed, read while somebody waits for a result, removed at the end. What it
 * brings are hints; the record is the truth, except where none is written.
 */
export class Mailbox {
  readonly #at: Surroundings
  readonly #backend: Pick<OpenBackend, 'queue' | 'addQueue' | 'removeQueue'>
  readonly #letters = new Map<string, Set<Letter>>()
  readonly #expected = new Set<string>()
  readonly #kept = new KeptRecords()
  #made: Promise<string | undefined> | undefined
  #failedAt = Number.NEGATIVE_INFINITY
  #refused = false
  #listening: Promise<void> | undefined
  #failures = 0
  #poll: Poll | undefined
  #signs: NodeJS.Timeout | undefined

  constructor(at: Surroundings, backend: Pick<OpenBackend, 'queue' | 'addQueue' | 'removeQueue'>) {
    this.#at = at
    this.#backend = backend
  }

  /** The queue's name, once it is there; `undefined` where it cannot be made, which is told once. */
  async address(): Promise<string | undefined> {
    if (this.#made) return this.#made
    if (this.#refused || Date.now() - this.#failedAt < retryAfter) return undefined
    this.#made = this.#make()
    return this.#made
  }

  /** The address for the message of a job, whose end will be told there. */
  async addressFor(id: string): Promise<string | undefined> {
    const address = await this.address()
    if (address === undefined) return undefined
    const [oldest] = this.#expected
    if (this.#expected.size >= mostExpected && oldest !== undefined) this.#expected.delete(oldest)
    this.#expected.add(id)
    return address
  }

  /** Whether a job is one of this requester's whose end has not been told. */
  awaits(id: string): boolean {
    return this.#expected.has(id)
  }

  /** Whether a job's end is likely to be told here. */
  expects(id: string): boolean {
    return this.#poll !== undefined && this.#failures === 0 && this.awaits(id)
  }

  /** Whoever waits for that job looks at once. */
  hear(id: string): void {
    this.#expected.delete(id)
    for (const letter of this.#letters.get(id) ?? []) letter.arrive()
  }

  /** Waits for word of a job's end; dispose of it. */
  listen(id: string): Letter {
    const letter = new Letter(() => this.#forget(id, letter))
    const letters = this.#letters.get(id) ?? new Set()
    this.#letters.set(id, letters.add(letter))
    this.#listen()
    return letter
  }

  /** The record of a job whose end was told here, where records are written nowhere. */
  recordOf(id: string): ResultRecord | undefined {
    return this.#kept.get(id)
  }

  /** Whoever waits goes on without it; the queue goes, or where that fails is left to `reap`. */
  async close(): Promise<void> {
    clearInterval(this.#signs)
    // Not waited for: a long poll at a queue that goes strands nothing.
    void this.#poll?.close()
    for (const id of this.#letters.keys()) this.hear(id)
    const address = await this.#made
    if (address === undefined) return
    try {
      await this.#backend.removeQueue(address)
      await this.#at.objects.delete(replyKey(address))
    } catch (error) {
      this.#at.report(error)
    }
  }

  /** The sign first: a queue without one would never be swept. */
  async #make(): Promise<string | undefined> {
    const { name, objects, report } = this.#at
    const address = replyQueueName(name, randomUUID())
    try {
      await objects.put(replyKey(address), Buffer.alloc(0))
      await this.#backend.addQueue(address)
    } catch (error) {
      this.#made = undefined
      this.#failedAt = Date.now()
      this.#refused = hasCode(error, 'ACCESS_DENIED') || hasCode(error, 'UNSUPPORTED')
      report(error)
      await objects.delete(replyKey(address)).catch(() => {})
      return undefined
    }
    this.#open(this.#backend.queue(address))
    this.#signs = setInterval(() => this.#sign(address), signEvery).unref()
    return address
  }

  #open(queue: MessageQueue): void {
    const read = (arrived: Arrived): Promise<void> => this.#read(queue, arrived)
    const poll = new Poll(queue, leaseSeconds, read)
    this.#poll = poll
    this.#receive = async () => {
      for (const arrived of await poll.take(most, { signal: this.#at.closing })) void read(arrived)
    }
    this.#listen()
  }

  #receive: () => Promise<void> = async () => {}

  #sign(address: string): void {
    this.#at.objects.put(replyKey(address), Buffer.alloc(0)).catch((error: unknown) => this.#at.report(error))
  }

  /** Receives while somebody waits; at rest it asks for nothing. */
  #listen(): void {
    if (this.#listening || !this.#poll || this.#letters.size === 0 || this.#at.closing.aborted) return
    this.#listening = this.#rounds().finally(() => {
      this.#listening = undefined
      this.#listen()
    })
  }

  async #rounds(): Promise<void> {
    while (this.#letters.size > 0 && this.#poll && !this.#at.closing.aborted) {
      try {
        await this.#receive()
        this.#failures = 0
      } catch (error) {
        if (this.#at.closing.aborted) return
        await this.#rest(error)
      }
    }
  }

  /** A failure is told once; whoever waits looks for the record meanwhile, as without a mailbox. */
  async #rest(error: unknown): Promise<void> {
    this.#failures += 1
    if (this.#failures === 1) this.#at.report(error)
    if (hasCode(error, 'NOT_FOUND')) this.#lose()
    for (const letter of [...this.#letters.values()].flatMap((letters) => [...letters])) letter.arrive()
    await pause(Math.min(30, 0.1 * 2 ** this.#failures), this.#at.closing)
  }

  /** Somebody removed the queue, e.g. after this machine had slept for a day: the next job gets another. */
  #lose(): void {
    clearInterval(this.#signs)
    this.#poll = undefined
    this.#made = undefined
    this.#failures = 0
    this.#expected.clear()
  }

  async #read(queue: MessageQueue, { delivery }: Arrived): Promise<void> {
    const reading = readDelivery(delivery, this.#at.home)
    if (reading.kind === 'job' && reading.message.finished) this.#note(reading.message.id, reading.message.finished)
    // One that stays comes again, and tells nobody anything new.
    await queue.delete(delivery.receipt, { patienceSeconds: 1 }).catch(() => {})
  }

  #note(id: string, { record }: Finish): void {
    if (this.#at.records !== 'none') return this.hear(id)
    if (record?.id !== id) return
    this.#kept.add(record)
    this.hear(id)
  }

  #forget(id: string, letter: Letter): void {
    const letters = this.#letters.get(id)
    letters?.delete(letter)
    if (letters?.size === 0) this.#letters.delete(id)
  }
}

/**
 * Why a reply can be waited for in vain, where it alone has the result.
 * @throws RemoteJobError `UNSUPPORTED`
 */
export function noMailbox(name: string): never {
  throw new RemoteJobError(
    'UNSUPPORTED',
    `Queue "${name}" keeps no results to wait for (records: 'none'), and has no reply queue to be told them: open it with \`replies: true\`, and see the event \`error\` for why a queue could not be made`,
  )
}
