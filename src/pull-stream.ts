import { Readable } from 'node:stream'

/** Where a {@link PullStream} gets its bytes. */
export interface Pullable {
  /** The next bytes (never empty), or `null` at the end. Called again only after it has answered. */
  next(): Promise<Uint8Array | null>
  /** Nobody reads on: lets go of everything at once, and makes a pending `next` end. */
  stop(): void
}

/**
 * A Node stream over a pull function. Unlike `Readable.from(generator)` it can be destroyed while a pull is pending:
 * a generator would first have to get its answer, which a stalled connection never gives.
 */
export class PullStream extends Readable {
  readonly #source: Pullable

  constructor(source: Pullable) {
    // Of files and sockets that is one chunk. With more, Node would make one of several whenever they are read: a copy of all bytes.
    super({ highWaterMark: 64 * 1024 })
    this.#source = source
  }

  override _read(): void {
    this.#source.next().then(
      (chunk) => this.push(chunk),
      (error: unknown) => this.destroy(error instanceof Error ? error : new Error(String(error), { cause: error })),
    )
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#source.stop()
    callback(error)
  }
}
