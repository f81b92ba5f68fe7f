import type { Queue } from '../../queue.ts'
import { Problem } from '../problem.ts'

/** Inputs on their way to a job: stored as they come, and removed unless a job takes them. */
export class Spool implements AsyncDisposable {
  readonly #queue: Queue
  readonly #maxBytes: number
  readonly #signal: AbortSignal
  readonly #keys = new Set<string>()

  constructor(queue: Queue, maxBytes: number, signal: AbortSignal) {
    this.#queue = queue
    this.#maxBytes = maxBytes
    this.#signal = signal
  }

  /** Stores a zip, and resolves its key. @throws Problem 413 */
  async store(body: AsyncIterable<Uint8Array>): Promise<string> {
    const zip = { filename: 'input.zip', contentType: 'application/zip', body: this.#limited(body) }
    const key = await this.#queue.store(zip, { signal: this.#signal })
    this.#keys.add(key)
    return key
  }

  /** A job has it now. */
  keep(key: string): void {
    this.#keys.delete(key)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // What cannot be removed now goes with the queue's retention.
    await Promise.allSettled([...this.#keys].map((key) => this.#queue.remove(key)))
  }

  async *#limited(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    let bytes = 0
    for await (const chunk of body) {
      bytes += chunk.byteLength
      if (bytes > this.#maxBytes) throw new Problem(413, `the input is larger than ${this.#maxBytes} bytes`)
      yield chunk
    }
  }
}
