import type { Cancellable } from '../backend.ts'

/** SQS's limits for one batch: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const maxEntries = 10
const maxBytes = 1024 * 1024
/** Batches on their way at once, of one kind to one queue. */
const maxInFlight = 32

/** What became of one entry of a batch: `undefined` for success, else why that entry alone failed. */
export type Fate = unknown

interface Waiting<Entry> {
  readonly entry: Entry
  readonly bytes: number
  /** Waits for company, since nobody waits for it. */
  isPatient: boolean
  /** Tells its caller what became of it. */
  readonly answer: (fate: Fate) => void
}

/** How entries become batches. */
export interface BatcherOptions<Entry> {
  /** Sends a batch of one to ten; answers the fate of each, in their order. */
  readonly send: (entries: readonly Entry[]) => Promise<readonly Fate[]>
  /** Bytes that an entry adds to its batch. @default 0 */
  readonly sizeOf?: (entry: Entry) => number
}

/**
 * Coalesces calls by demand: an entry goes at once when nothing is under way, a full batch goes at once too, and all others wait for
 * the next answer. So a lone call waits for nobody, and many calls share requests.
 */
export class Batcher<Entry> {
  readonly #options: BatcherOptions<Entry>
  #waiting: Waiting<Entry>[] = []
  #inFlight = 0
  #isScheduled = false
  #isHurrying = false

  constructor(options: BatcherOptions<Entry>) {
    this.#options = options
  }

  /**
   * Resolves when the entry's batch was answered; a failure is the entry's own or, where the whole request failed, everybody's.
   * @param patienceSeconds How long the entry may wait for company
   */
  async add(entry: Entry, { signal }: Cancellable = {}, patienceSeconds = 0): Promise<void> {
    signal?.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiting: Waiting<Entry> = {
      entry,
      bytes: this.#options.sizeOf?.(entry) ?? 0,
      isPatient: patienceSeconds > 0,
      answer: (fate) => (fate === undefined ? resolve() : reject(fate)),
    }
    const abort = (): void => {
      this.#waiting = this.#waiting.filter((one) => one !== waiting)
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', abort, { once: true })
    this.#waiting.push(waiting)
    if (patienceSeconds > 0) this.#hurryIn(patienceSeconds)
    this.#schedule()
    try {
      await promise
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }

  /** What is added in one turn of the event loop goes together. */
  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      this.#pump()
    })
  }

  /** Patience has an end, so that what waits for company does not wait for ever. */
  #hurryIn(seconds: number): void {
    if (this.#isHurrying) return
    this.#isHurrying = true
    setTimeout(() => {
      this.#isHurrying = false
      for (const waiting of this.#waiting) waiting.isPatient = false
      this.#pump()
    }, seconds * 1000)
  }

  #pump(): void {
    while (
      this.#inFlight < maxInFlight &&
      (this.#isFull() || (this.#inFlight === 0 && this.#waiting.some(({ isPatient }) => !isPatient)))
    ) {
      const batch = this.#nextBatch()
      this.#inFlight += 1
      void this.#deliver(batch)
    }
  }

  async #deliver(batch: readonly Waiting<Entry>[]): Promise<void> {
    try {
      const fates = await this.#options.send(batch.map(({ entry }) => entry))
      for (const [index, { answer }] of batch.entries()) answer(fates[index])
    } catch (error) {
      for (const { answer } of batch) answer(error ?? new Error('The batch failed'))
    } finally {
      this.#inFlight -= 1
      this.#pump()
    }
  }

  #isFull(): boolean {
    return this.#waiting.length >= maxEntries || this.#waiting.reduce((sum, { bytes }) => sum + bytes, 0) >= maxBytes
  }

  #nextBatch(): Waiting<Entry>[] {
    let bytes = 0
    let count = 0
    for (const waiting of this.#waiting) {
      bytes += waiting.bytes
      if (count === maxEntries || (count > 0 && bytes > maxBytes)) break
      count += 1
    }
    return this.#waiting.splice(0, count)
  }
}
