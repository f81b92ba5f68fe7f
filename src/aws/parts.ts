import type { Readable } from 'node:stream'
import { RemoteJobError } from '../errors.ts'

const MiB = 1024 * 1024

/** S3's own limit: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const maxParts = 10_000

/** Bytes of a part, the least that S3 takes. Larger ones were no faster when measured, and five are in memory at once. */
const smallestPart = 5 * MiB

/** Parts after which they become twice as large. */
const partsAlike = 950

/** Bytes that a buffer begins with: most bodies are small. */
const firstBuffer = 64 * 1024

/** A piece of a body, in order. */
export interface Part {
  readonly number: number
  readonly bytes: Uint8Array
  /** Whether the body ends with it. */
  readonly last: boolean
}

/**
 * How large each part is so that 10,000 suffice: all alike when the body's size is known, else twice as large after every 950,
 * which is enough for 7 TiB. (Cloudflare R2 wants parts alike: there, give the `size` of streams above 4 GiB.)
 */
export function partSizes(size: number | undefined): (number: number) => number {
  if (size === undefined) return (number) => smallestPart * 2 ** Math.floor((number - 1) / partsAlike)
  const alike = Math.max(smallestPart, Math.ceil(size / maxParts / MiB) * MiB)
  return () => alike
}

/** Cuts a stream into parts, each full but the last; an empty stream is one empty part. */
export class Parts {
  readonly #source: Readable
  readonly #size: number | undefined
  readonly #sizeOf: (number: number) => number
  readonly #spare: Buffer[] = []
  #buffer: Buffer = Buffer.allocUnsafeSlow(firstBuffer)
  #length = 0
  #number = 1
  #total = 0

  /** @param size bytes of the stream, when known */
  constructor(source: Readable, size: number | undefined) {
    this.#source = source
    this.#size = size
    this.#sizeOf = partSizes(size)
  }

  /** Bytes read so far. */
  get total(): number {
    return this.#total
  }

  /** Takes the memory of a part that is stored, so that a long stream needs no more than a few buffers. */
  recycle(part: Part): void {
    this.#spare.push(Buffer.from(part.bytes.buffer))
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Part> {
    for await (const chunk of this.#source) {
      let rest = bytesFrom(chunk)
      this.#count(rest.byteLength)
      while (rest.byteLength > 0) {
        if (this.#length === this.#sizeOf(this.#number)) yield this.#cut(false)
        rest = this.#fill(rest)
      }
    }
    if (this.#size !== undefined && this.#total < this.#size) throw wrongSize(this.#size, `only ${this.#total}`)
    yield this.#cut(true)
  }

  #count(bytes: number): void {
    this.#total += bytes
    if (this.#size !== undefined && this.#total > this.#size) throw wrongSize(this.#size, 'more')
  }

  /** Copies as much as the part can take; gives what is left. */
  #fill(bytes: Uint8Array): Uint8Array {
    const end = Math.min(this.#length + bytes.byteLength, this.#sizeOf(this.#number))
    if (end > this.#buffer.byteLength) this.#grow(end)
    const taken = end - this.#length
    this.#buffer.set(bytes.subarray(0, taken), this.#length)
    this.#length = end
    return bytes.subarray(taken)
  }

  #grow(needed: number): void {
    const size = Math.max(needed, Math.min(2 * this.#buffer.byteLength, this.#sizeOf(this.#number)))
    const larger = Buffer.allocUnsafeSlow(size)
    larger.set(this.#buffer.subarray(0, this.#length))
    this.#buffer = larger
  }

  #cut(last: boolean): Part {
    if (this.#number > maxParts) {
      throw new RemoteJobError('INVALID_ARGUMENT', 'Expected a stream of at most 7 TiB where no `size` is given')
    }
    const part = { number: this.#number, bytes: this.#buffer.subarray(0, this.#length), last }
    // A body that has filled a part is a large one: growing once more would leave as much behind for the garbage collector.
    if (!last) this.#buffer = this.#spare.pop() ?? Buffer.allocUnsafeSlow(this.#sizeOf(this.#number + 1))
    this.#length = 0
    this.#number += 1
    return part
  }
}

function bytesFrom(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk
  if (typeof chunk === 'string') return Buffer.from(chunk)
  throw new RemoteJobError(
    'INVALID_ARGUMENT',
    `Expected the stream to give bytes or strings, got a chunk of type ${typeof chunk}`,
  )
}

function wrongSize(size: number, got: string): RemoteJobError {
  return new RemoteJobError('INVALID_ARGUMENT', `Expected a stream of ${size} bytes, as its \`size\` says, got ${got}`)
}
