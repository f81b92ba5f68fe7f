import { Readable } from 'node:stream'
import { silenceTimeout } from './config.ts'
import { fromAws } from './errors.ts'
import type { Doing } from './permissions.ts'

/**
 * The bytes of an answer, as they come. It fails like a request does: translated, or with the signal's reason. A server that
 * falls silent while bytes are wanted is given up; a reader may take its time.
 */
export class ObjectBody extends Readable {
  readonly #source: Readable
  readonly #doing: Doing
  readonly #signal: AbortSignal | undefined
  readonly #silence: NodeJS.Timeout

  /** @param patience milliseconds that the server may be silent while bytes are wanted */
  constructor(source: Readable, doing: Doing, signal?: AbortSignal, patience = silenceTimeout) {
    super()
    this.#source = source
    this.#doing = doing
    this.#signal = signal
    this.#silence = setTimeout(() => this.#giveUp(patience), patience).unref()
    source.on('data', (chunk: Uint8Array) => this.#pass(chunk)).pause() // until somebody reads
    source.on('end', () => this.push(null))
    source.on('error', (error) => this.#fail(error))
    source.on('close', () => this.#cutOff())
    if (signal?.aborted) this.#abort()
    else signal?.addEventListener('abort', this.#abort, { once: true })
  }

  override _read(): void {
    this.#silence.refresh()
    this.#source.resume()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    clearTimeout(this.#silence)
    this.#signal?.removeEventListener('abort', this.#abort)
    this.#source.destroy()
    callback(error)
  }

  #pass(chunk: Uint8Array): void {
    this.#silence.refresh()
    if (!this.push(chunk)) this.#source.pause()
  }

  #giveUp(patience: number): void {
    if (this.#source.isPaused()) return
    const error = new Error(`no bytes came for ${patience / 1000} seconds`)
    error.name = 'TimeoutError'
    this.#fail(error)
  }

  /** A connection that ends before the body is not the body's end. */
  #cutOff(): void {
    if (this.#source.readableEnded) return
    this.#fail(Object.assign(new Error('the connection was closed before the end of the body'), { code: 'ECONNRESET' }))
  }

  #fail(error: unknown): void {
    this.destroy(fromAws(error, this.#doing))
  }

  readonly #abort = (): void => {
    const reason: unknown = this.#signal?.reason
    this.destroy(reason instanceof Error ? reason : new Error('Reading was aborted', { cause: reason }))
  }
}
