import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { ReadableStream } from 'node:stream/web'
import { RemoteJobError } from './errors.ts'
import { type Pullable, PullStream } from './pull-stream.ts'

/** What an input or an asset may be made of. The length of a stream need not be known. */
export type Body =
  | string
  | Uint8Array
  | ArrayBuffer
  | Readable
  | ReadableStream
  | Blob
  | AsyncIterable<string | Uint8Array>

/** A body as the backends take it, with what it says of itself. */
export interface Content {
  readonly data: Uint8Array | Readable
  /** Bytes, when known. */
  readonly size?: number | undefined
  readonly filename?: string | undefined
  readonly contentType?: string | undefined
}

/** Whether `value` can be a {@link Body}. */
export function isBody(value: unknown): value is Body {
  return (
    typeof value === 'string' ||
    value instanceof Uint8Array ||
    value instanceof ArrayBuffer ||
    value instanceof Blob ||
    isStream(value)
  )
}

/**
 * A body as the backends take it. A stream that fails, now or half-way, makes the write that reads it fail with `BODY_FAILED`.
 * @throws RemoteJobError `INVALID_ARGUMENT`
 */
export function contentFrom(body: unknown, place = 'body'): Content {
  if (typeof body === 'string') return bytes(Buffer.from(body))
  if (body instanceof Uint8Array) return bytes(body)
  if (body instanceof ArrayBuffer) return bytes(new Uint8Array(body))
  if (body instanceof Blob) {
    const filename = body instanceof File ? body.name : undefined
    return { data: stream(body.stream(), place), size: body.size, filename, contentType: body.type || undefined }
  }
  if (isStream(body)) return { data: stream(body, place) }
  throw new RemoteJobError(
    'INVALID_ARGUMENT',
    `Expected \`${place}\` to be a string, Uint8Array, stream, Blob or async iterable of bytes, got ${describe(body)}`,
  )
}

const bytes = (data: Uint8Array): Content => ({ data, size: data.byteLength })

function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

/** Every stream is read through one place, so that chunks are checked and a failure is known to be the body's. */
function stream(source: AsyncIterable<unknown>, place: string): Readable {
  if (source instanceof Readable) {
    const { destroyed, readableEnded, errored } = source
    if (destroyed || readableEnded) {
      throw new RemoteJobError('BODY_FAILED', `\`${place}\` is a stream that has been read or destroyed already`, {
        cause: errored,
      })
    }
    source.on('error', () => {}) // reported by the write that reads it, not as an uncaught event
  }
  return new PullStream(new BodyReader(source instanceof ReadableStream ? fromWeb(source, place) : source, place))
}

/** Milliseconds of reading after which others have their turn. */
const longestTurn = 20

/** A web stream as a Node one, which is cancelled at once when it is destroyed, also while a read is pending. */
function fromWeb(source: ReadableStream, place: string): Readable {
  try {
    // In object mode, so that what is no bytes is refused in our words.
    return Readable.fromWeb(source, { objectMode: true }).on('error', () => {})
  } catch (cause) {
    throw new RemoteJobError('BODY_FAILED', `\`${place}\` is a web stream that somebody else reads: ${reason(cause)}`, {
      cause,
    })
  }
}

class BodyReader implements Pullable {
  readonly #source: AsyncIterable<unknown>
  readonly #place: string
  #iterator: AsyncIterator<unknown> | undefined
  #turnedAt = performance.now()

  constructor(source: AsyncIterable<unknown>, place: string) {
    this.#source = source
    this.#place = place
  }

  async next(): Promise<Uint8Array | null> {
    for (;;) {
      const step = await this.#step()
      if (step.done) return null
      const chunk = chunkFrom(step.value, this.#place)
      // Tiny chunks that are there at once would keep timers, and so heartbeats, from their turn.
      if (performance.now() - this.#turnedAt > longestTurn) await this.#takeTurn()
      if (chunk.byteLength > 0) return chunk
    }
  }

  async #takeTurn(): Promise<void> {
    await turn()
    this.#turnedAt = performance.now()
  }

  stop(): void {
    if (this.#source instanceof Readable) this.#source.destroy()
    else void this.#release()
  }

  async #step(): Promise<IteratorResult<unknown>> {
    try {
      this.#iterator ??= this.#source[Symbol.asyncIterator]()
      return await this.#iterator.next()
    } catch (cause) {
      throw new RemoteJobError('BODY_FAILED', `\`${this.#place}\` failed while it was read: ${reason(cause)}`, {
        cause,
      })
    }
  }

  async #release(): Promise<void> {
    try {
      this.#iterator ??= this.#source[Symbol.asyncIterator]()
      await this.#iterator.return?.()
    } catch {
      // The write has its own outcome; a source that fails while it is let go changes nothing.
    }
  }
}

function chunkFrom(value: unknown, place: string): Uint8Array {
  if (value instanceof Uint8Array) return value
  if (typeof value === 'string') return Buffer.from(value)
  if (value instanceof ArrayBuffer) return new Uint8Array(value)
  throw new RemoteJobError(
    'INVALID_ARGUMENT',
    `Expected \`${place}\` to be a stream of bytes or strings, but it gave ${describe(value)}`,
  )
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

function describe(value: unknown): string {
  if (value === null) return 'null'
  return typeof value === 'object' ? `an object of class ${value.constructor?.name || 'no name'}` : `a ${typeof value}`
}
