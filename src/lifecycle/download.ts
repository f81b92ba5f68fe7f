import { text as textOf } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import type { Readable } from 'node:stream'
import type { Cancellable, ObjectReading, ObjectStore } from '../backend.ts'
import { hasCode, isRemoteJobError, RemoteJobError } from '../errors.ts'
import { type Pullable, PullStream } from '../pull-stream.ts'

/** What to download: an object, and which version of it when that matters. */
export interface Wanted {
  readonly key: string
  readonly etag?: string | undefined
}

/** Broken connections in a row, without a byte between them, after which a download gives up. */
const maxBreaks = 6

/**
 * A stream of an object's bytes, at once. A broken download goes on where it stopped, with the same version of the object.
 * Errors arrive on the stream: `NOT_FOUND`, `INPUT_CHANGED`, what the store says, or `signal.reason`.
 */
export function download(store: () => Promise<ObjectStore>, wanted: Wanted, { signal }: Cancellable = {}): Readable {
  const stream = new PullStream(new Download(store, wanted))
  const abort = (): void => void stream.destroy(asError(signal?.reason))
  if (signal?.aborted) abort()
  signal?.addEventListener('abort', abort, { once: true })
  stream.once('close', () => signal?.removeEventListener('abort', abort))
  return stream
}

/** All bytes of a small object, or `undefined` when there is none. */
export async function readBytes(store: ObjectStore, key: string, options?: Cancellable): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of download(() => Promise.resolve(store), { key }, options)) chunks.push(Buffer.from(chunk))
  } catch (error) {
    if (hasCode(error, 'NOT_FOUND')) return undefined
    throw error
  }
  return Buffer.concat(chunks)
}

/** The whole of a stream as text. */
export const readText = (stream: Readable): Promise<string> => textOf(stream)

class Download implements Pullable {
  readonly #store: () => Promise<ObjectStore>
  readonly #wanted: Wanted
  readonly #stopped = new AbortController()
  #reading: ObjectReading | undefined
  #chunks: AsyncIterator<unknown> | undefined
  #etag: string | undefined
  #offset = 0
  #breaks = 0

  constructor(store: () => Promise<ObjectStore>, wanted: Wanted) {
    this.#store = store
    this.#wanted = wanted
    this.#etag = wanted.etag
  }

  async next(): Promise<Uint8Array | null> {
    for (;;) {
      this.#chunks ??= await this.#open()
      try {
        const step = await this.#chunks.next()
        if (step.done) {
          if (this.#offset >= (this.#reading?.size ?? 0)) return null
          throw new Error(`The body ended after ${this.#offset} of ${this.#reading?.size} bytes`)
        }
        if (!(step.value instanceof Uint8Array) || step.value.byteLength === 0) continue
        this.#offset += step.value.byteLength
        this.#breaks = 0
        return step.value
      } catch (error) {
        await this.#resumeAfter(error)
      }
    }
  }

  stop(): void {
    this.#stopped.abort()
    this.#reading?.body.destroy()
  }

  async #open(): Promise<AsyncIterator<unknown>> {
    const { key } = this.#wanted
    const store = await this.#store()
    const reading = await store.get(key, { from: this.#offset || undefined, etag: this.#etag, signal: this.#stopped.signal })
    if (!reading) throw new RemoteJobError('NOT_FOUND', `There is no object at "${key}"`)
    this.#etag = reading.etag
    this.#reading = reading
    if (this.#stopped.signal.aborted) reading.body.destroy()
    return reading.body[Symbol.asyncIterator]()
  }

  /** A connection that broke is no reason to fail: the rest is asked for anew. */
  async #resumeAfter(error: unknown): Promise<void> {
    this.#reading?.body.destroy()
    this.#chunks = undefined
    this.#breaks += 1
    if (this.#stopped.signal.aborted || this.#breaks >= maxBreaks) throw broken(error, this.#wanted.key, this.#offset)
    await delay(50 * 2 ** this.#breaks, undefined, { signal: this.#stopped.signal })
  }
}

function broken(cause: unknown, key: string, offset: number): Error {
  if (isRemoteJobError(cause)) return cause
  const why = cause instanceof Error ? cause.message : String(cause)
  return new RemoteJobError('UNAVAILABLE', `The download of "${key}" broke off after ${offset} bytes, ${maxBreaks} times in a row: ${why}`, {
    cause,
  })
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('The download was aborted', { cause: reason })
}
