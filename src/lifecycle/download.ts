import { buffer } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { finished, Readable } from 'node:stream'
import type { Cancellable, ObjectReading, ObjectStore } from '../backend.ts'
import { hasCode, isRemoteJobError, RemoteJobError } from '../errors.ts'

/** What to download: an object, and which version of it when that matters. */
export interface Wanted {
  readonly key: string
  readonly etag?: string | undefined
  /** The first byte wanted, from 0. @default 0 */
  readonly start?: number | undefined
  /** The last byte wanted. @default the object's last */
  readonly end?: number | undefined
}

/** Why an object that somebody names may not be there. */
export const gone = 'it was removed, or its retention is over'

interface DownloadOptions extends Cancellable {
  /** The answer to the first request, when it was asked already. */
  readonly begun?: ObjectReading
}

/** Broken connections in a row, without a byte between them, after which a download gives up. */
const maxBreaks = 6

/**
 * A stream of an object's bytes, at once. A broken download goes on where it stopped, with the same version of the object.
 * Errors arrive on the stream: `NOT_FOUND`, `INPUT_CHANGED`, what the store says, or `signal.reason`.
 */
export function download(
  store: () => Promise<ObjectStore>,
  wanted: Wanted,
  { signal, begun }: DownloadOptions = {},
): Readable {
  const stream = new Download(store, wanted)
  if (begun) stream.passOn(begun)
  const abort = (): void => void stream.destroy(asError(signal?.reason))
  if (signal?.aborted) abort()
  signal?.addEventListener('abort', abort, { once: true })
  stream.once('close', () => signal?.removeEventListener('abort', abort))
  return stream
}

/** All bytes of a small object, or `undefined` when there is none. */
export async function readBytes(store: ObjectStore, key: string, options?: Cancellable): Promise<Buffer | undefined> {
  // Mostly there is none, and no stream is made to say so.
  const begun = await store.get(key, options)
  if (!begun) return undefined
  try {
    return await buffer(download(() => Promise.resolve(store), { key }, { ...options, begun }))
  } catch (error) {
    if (hasCode(error, 'NOT_FOUND')) return undefined
    throw error
  }
}

class Download extends Readable {
  readonly #store: () => Promise<ObjectStore>
  readonly #wanted: Wanted
  readonly #stopped = new AbortController()
  #body: Readable | undefined
  #isOpening = false
  #etag: string | undefined
  #offset: number
  #breaks = 0

  constructor(store: () => Promise<ObjectStore>, wanted: Wanted) {
    super({ highWaterMark: 64 * 1024 })
    this.#store = store
    this.#wanted = wanted
    this.#etag = wanted.etag
    this.#offset = wanted.start ?? 0
  }

  override _read(): void {
    if (this.#body) this.#body.resume()
    else if (!this.#isOpening) void this.#open(0)
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#stopped.abort()
    this.#body?.destroy()
    callback(error)
  }

  async #open(pause: number): Promise<void> {
    this.#isOpening = true
    const { key, end: to } = this.#wanted
    const { signal } = this.#stopped
    try {
      if (pause > 0) await delay(pause, undefined, { signal })
      const store = await this.#store()
      const reading = await store.get(key, { from: this.#offset || undefined, to, etag: this.#etag, signal })
      if (!reading) throw new RemoteJobError('NOT_FOUND', `There is no object at "${key}": ${gone}`)
      this.passOn(reading)
    } catch (error) {
      this.destroy(asError(error))
    }
    this.#isOpening = false
  }

  /** What the store answered. */
  passOn({ body, etag, size }: ObjectReading): void {
    this.#etag = etag
    this.#body = body
    finished(body, (error) => this.#ended(size, error))
    if (this.destroyed) return void body.destroy()
    body.on('data', (chunk: Uint8Array) => {
      this.#offset += chunk.byteLength
      this.#breaks = 0
      if (!this.push(chunk)) body.pause()
    })
  }

  #ended(size: number, error: Error | null | undefined): void {
    if (this.destroyed) return
    if (error) this.#resumeAfter(error)
    else if (this.#offset >= Math.min(size, (this.#wanted.end ?? size) + 1)) this.push(null)
    else this.#resumeAfter(new Error(`The body ended after ${this.#offset} of ${size} bytes`))
  }

  /** A connection that broke is no reason to fail: the rest is asked for anew. */
  #resumeAfter(error: Error): void {
    this.#breaks += 1
    if (this.#breaks >= maxBreaks) return void this.destroy(broken(error, this.#wanted.key, this.#offset))
    this.#body = undefined
    void this.#open(50 * 2 ** this.#breaks)
  }
}

function broken(cause: unknown, key: string, offset: number): Error {
  if (isRemoteJobError(cause)) return cause
  const why = cause instanceof Error ? cause.message : String(cause)
  return new RemoteJobError(
    'UNAVAILABLE',
    `The download of "${key}" broke off after ${offset} bytes, ${maxBreaks} times in a row: ${why}`,
    {
      cause,
    },
  )
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('The download was aborted', { cause: reason })
}
