import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { ZipFile } from 'yazl'
import { Problem } from '../problem.ts'

/**
 * The files of a form as the one zip that a job takes: packed as they come, or, where the one file is a zip already, as it is.
 */
export class FormInput {
  readonly #store: (zip: AsyncIterable<Uint8Array>) => Promise<string>
  readonly #names = new Set<string>()
  readonly #failed = new AbortController()
  #zip: ZipFile | undefined
  #stored: Promise<string> | undefined

  constructor(store: (zip: AsyncIterable<Uint8Array>) => Promise<string>) {
    this.#store = store
  }

  /** Aborts when what was read so far cannot be stored: nobody takes what comes then. */
  get failed(): AbortSignal {
    return this.#failed.signal
  }

  /** Reads a file to its end. @throws Problem 400 */
  async add(filename: string | undefined, stream: Readable): Promise<void> {
    const name = plainName(filename)
    if (this.#stored && !this.#zip)
      throw new Problem(400, 'Send one zip, or files of which none before run.sh is a zip')
    if (!this.#stored && /\.zip$/i.test(name)) return this.#keep(stream)
    if (this.#names.has(name)) throw new Problem(400, `The file ${JSON.stringify(name)} is there twice`)
    this.#names.add(name)
    this.#zip ??= await this.#begin()
    // What cannot be stored is not read to its end either.
    const read = finished(stream, { signal: this.failed })
    this.#zip.addReadStream(stream, name, name === 'run.sh' ? { mode: 0o100755 } : {})
    await read
  }

  /** The key of the zip. @throws Problem 400 where a job would lack what it is made of */
  async end(): Promise<string> {
    if (!this.#stored) throw new Problem(400, 'Missing file field')
    if (this.#zip && !this.#names.has('run.sh')) throw new Problem(400, 'Missing file run.sh')
    this.#zip?.end()
    return this.#stored
  }

  /** Nothing more comes: what is being stored is given up. */
  async giveUp(reason: unknown): Promise<void> {
    const out = this.#zip?.outputStream
    if (out instanceof Readable) out.destroy(reason instanceof Error ? reason : new Error(String(reason)))
    await Promise.allSettled([this.#stored])
  }

  async #keep(stream: Readable): Promise<void> {
    this.#stored = this.#store(chunksOf(stream))
    await this.#stored
  }

  async #begin(): Promise<ZipFile> {
    const { ZipFile } = await import('yazl')
    const zip = new ZipFile()
    this.#stored = this.#store(chunksOf(zip.outputStream))
    this.#stored.catch((error: unknown) => this.#failed.abort(error))
    return zip
  }
}

async function* chunksOf(stream: AsyncIterable<unknown>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of stream) if (chunk instanceof Uint8Array) yield chunk
}

/** The last part of a name: a form's file has no folder here. */
function plainName(filename: string | undefined): string {
  const name = filename?.replaceAll('\\', '/').split('/').at(-1) ?? ''
  const isPlain = /^[^\p{Cc}:]+$/u.test(name) && name !== '.' && name !== '..' && Buffer.byteLength(name) <= 255
  if (isPlain) return name
  throw new Problem(400, `The name ${JSON.stringify(name.slice(0, 100))} of a file cannot be one`)
}
