import { Writable } from 'node:stream'
import { logKey, type LogPiece } from '../protocol/logs.ts'
import type { Held } from './held.ts'
import type { Workspace } from './workspace.ts'

/** Milliseconds for which text is gathered before it is written: a program that prints a line at a time costs a request a second. */
const gatherTime = 1000
/** Bytes that are written at once; who prints faster than they can be written waits. */
const pieceBytes = 256 * 1024

/** A piece that was written. */
interface Piece {
  readonly key: string
  readonly size: number
}

/** The logs of one attempt; their pieces are counted together, so that they can be read in the order in which they were written. */
export class LogBook {
  readonly #w: Workspace
  readonly #held: Held
  #count = 0

  constructor(w: Workspace, held: Held) {
    this.#w = w
    this.#held = held
  }

  /** A stream whose text others can read while the job runs; of more than `keepBytes` the oldest pieces are removed. */
  stream(name: string, keepBytes = Infinity): Log {
    const kept: Piece[] = []
    return new Log(async (bytes) => {
      kept.push(await this.#write(name, bytes))
      let size = kept.reduce((sum, piece) => sum + piece.size, 0)
      for (let first = kept[0]; first && size - first.size >= keepBytes; first = kept[0]) {
        size -= first.size
        kept.shift()
        await this.#w.objects.delete(first.key).catch((error: unknown) => this.#w.report(error))
      }
    })
  }

  /** A log that cannot be written is told of, and does no harm to the job. */
  async #write(stream: string, bytes: Uint8Array): Promise<Piece> {
    const { message, delivery, attempt, nonce } = this.#held
    const piece: LogPiece = { delivery, attempt, nonce, stream, index: this.#count }
    this.#count += 1
    const key = logKey(message.id, piece)
    try {
      await this.#w.objects.put(key, bytes, { contentType: 'text/plain' })
    } catch (error) {
      this.#w.report(error)
    }
    return { key, size: bytes.byteLength }
  }
}

/** One log of an attempt. What is gathered is written after a moment, or when it is enough; {@link discard} drops what is not yet. */
export class Log extends Writable {
  readonly #write: (bytes: Uint8Array) => Promise<void>
  #gathered: Uint8Array[] = []
  #bytes = 0
  #timer: NodeJS.Timeout | undefined
  #flushing: Promise<void> = Promise.resolve()
  #pieces = 0

  constructor(write: (bytes: Uint8Array) => Promise<void>) {
    super({ highWaterMark: 64 * 1024, decodeStrings: true })
    this.#write = write
  }

  /** How many pieces were written, or are being. */
  get pieces(): number {
    return this.#pieces
  }

  /** Drops what was not written yet, where another place has it. */
  discard(): void {
    clearTimeout(this.#timer)
    this.#gathered = []
    this.#bytes = 0
    this.end()
  }

  override _write(chunk: Uint8Array, _encoding: string, answer: (error?: Error | null) => void): void {
    this.#gathered.push(chunk)
    this.#bytes += chunk.byteLength
    if (this.#bytes < pieceBytes) {
      this.#timer ??= setTimeout(() => void this.#flush(), gatherTime)
      answer()
    } else this.#flush().then(() => answer(), answer)
  }

  override _final(answer: (error?: Error | null) => void): void {
    this.#flush().then(() => answer(), answer)
  }

  override _destroy(error: Error | null, answer: (error?: Error | null) => void): void {
    clearTimeout(this.#timer)
    answer(error)
  }

  /** One piece at a time, so that they land in order. */
  #flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const bytes = Buffer.concat(this.#gathered)
    this.#gathered = []
    this.#bytes = 0
    if (bytes.byteLength > 0) {
      this.#pieces += 1
      this.#flushing = this.#flushing.then(() => this.#write(bytes))
    }
    return this.#flushing
  }
}
