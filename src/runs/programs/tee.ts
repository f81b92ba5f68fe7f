import { createWriteStream } from 'node:fs'
import { rename } from 'node:fs/promises'
import { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { Log } from '../../lifecycle/log.ts'

/** Bytes of the end of an output that are kept for an error message. */
const tailBytes = 2048

/** Where a program's output goes: to a file that becomes an asset, and to a log that can be read meanwhile. */
export class Tee extends Writable {
  readonly #path: string
  readonly #keepBytes: number
  #file: Writable
  readonly #log: Log
  #tail = Buffer.alloc(0)
  #size = 0
  #fileSize = 0
  #isTurned = false

  /** @param keepBytes Once the file has so many bytes it is put aside, in place of the one before, and another is begun */
  constructor(path: string, log: Log, keepBytes = Infinity) {
    super({ highWaterMark: 64 * 1024 })
    this.#path = path
    this.#keepBytes = keepBytes
    this.#file = this.#begin()
    this.#log = log
    // Whoever waits for the end is told of it; a stream without a listener would end the process.
    this.on('error', () => {})
  }

  /** The files that have what was kept, the older one first. */
  get paths(): readonly string[] {
    return this.#isTurned ? [this.#older, this.#path] : [this.#path]
  }

  /** Bytes that came. */
  get size(): number {
    return this.#size
  }

  /** The last lines, for people. */
  get tail(): string {
    return this.#tail.toString()
  }

  /**
   * Resolves when all is in the file, and in the log unless `discard` leaves that out: pieces that were written stay, and a short
   * output of which none was is an asset soon. Rejects when the file could not be written.
   */
  async close({ discard }: { readonly discard: boolean }): Promise<void> {
    if (discard && this.#log.pieces === 0) this.#log.discard()
    else this.#log.end()
    await finished(this.#log)
    if (this.errored) throw this.errored
  }

  override _write(chunk: Buffer, _encoding: string, answer: (error?: Error | null) => void): void {
    this.#size += chunk.byteLength
    this.#tail = Buffer.concat([this.#tail, chunk]).subarray(-tailBytes)
    // Whichever is slower sets the pace, so that a program that prints much waits instead of filling the memory.
    Promise.all([this.#keep(chunk), writeTo(this.#log, chunk)]).then(() => answer(), answer)
  }

  override _final(answer: (error?: Error | null) => void): void {
    this.#file.end(() => answer())
  }

  async #keep(chunk: Buffer): Promise<void> {
    if (this.#fileSize >= this.#keepBytes) await this.#turn()
    this.#fileSize += chunk.byteLength
    await writeTo(this.#file, chunk)
  }

  /** What is kept is this file and the one before: no more than twice as much as was asked for, and a chunk. */
  async #turn(): Promise<void> {
    this.#file.end()
    await finished(this.#file)
    await rename(this.#path, this.#older)
    this.#isTurned = true
    this.#fileSize = 0
    this.#file = this.#begin()
  }

  #begin(): Writable {
    const file = createWriteStream(this.#path, { flags: 'wx', mode: 0o600 })
    file.on('error', (error) => this.destroy(error))
    return file
  }

  get #older(): string {
    return `${this.#path}.older`
  }

  override _destroy(error: Error | null, answer: (error?: Error | null) => void): void {
    this.#file.destroy()
    answer(error)
  }
}

function writeTo(stream: Writable, chunk: Buffer): Promise<void> {
  return new Promise((resolve, reject) => stream.write(chunk, (error) => (error ? reject(error) : resolve())))
}
