import { hash } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { ObjectStore } from '../backend.ts'
import type { RecordedAsset } from '../protocol/record.ts'
import { bytesWithin, checkRange, type ReadOptions } from './byte-range.ts'
import { download } from './download.ts'
import { expiryOf, type PresignOptions } from './presign.ts'

/** Where a stored object's bytes are: in the store, or here already. */
export type Source =
  | { readonly objects: ObjectStore; readonly key: string; readonly etag: string }
  | { readonly bytes: Uint8Array }

/** What is known of a stored object without reading it. */
export interface Details<Metadata> {
  readonly metadata: Metadata
  readonly filename: string | undefined
  readonly contentType: string | undefined
  readonly size: number
}

/** An object that can be read, as often as wanted: an input, an asset, or what `queue.store` kept. */
export class StoredObject<Metadata = unknown> {
  /** Its key below the queue's prefix; `undefined` for a small asset that rides inside its job's result. */
  readonly key: string | undefined
  readonly metadata: Metadata
  readonly filename: string | undefined
  /** Media type. */
  readonly contentType: string | undefined
  /** Bytes. */
  readonly size: number
  readonly #source: Source

  constructor(source: Source, { metadata, filename, contentType, size }: Details<Metadata>) {
    this.#source = source
    this.key = 'key' in source ? source.key : undefined
    this.metadata = metadata
    this.filename = filename
    this.contentType = contentType
    this.size = size
  }

  /** Which version of its bytes this is: what is read is that, or nothing. */
  get etag(): string {
    const source = this.#source
    return 'bytes' in source ? hash('sha256', source.bytes, 'hex').slice(0, 32) : source.etag
  }

  /**
   * A Node stream of the bytes, at once, or of those from `start` to `end`. A broken download resumes by itself; errors arrive on the
   * stream: `NOT_FOUND`, `INPUT_CHANGED` when the object was written over, `UNAVAILABLE`.
   * @throws RemoteJobError `INVALID_ARGUMENT` for a range that cannot be
   */
  createReadStream(options: ReadOptions = {}): Readable {
    checkRange(options)
    const source = this.#source
    if ('bytes' in source) return Readable.from([bytesWithin(source.bytes, options)], { objectMode: false })
    const { start, end, signal } = options
    return download(
      () => Promise.resolve(source.objects),
      { key: source.key, etag: source.etag, start, end },
      { signal },
    )
  }

  /**
   * A URL at which somebody without keys can read it until it expires; `undefined` where there is none: for a small asset inside a
   * result, and on the local backend.
   * @param options `disposition` is what the answer's `Content-Disposition` shall be
   * @throws RemoteJobError `INVALID_ARGUMENT`
   */
  async presign({ disposition, ...options }: PresignOptions & { readonly disposition?: string } = {}): Promise<
    string | undefined
  > {
    const expiresSeconds = expiryOf(options)
    const source = this.#source
    if ('bytes' in source || !source.objects.presignGet) return undefined
    const { contentType } = this
    return (await source.objects.presignGet(source.key, { expiresSeconds, contentType, disposition })).url
  }

  /** All bytes, or those of a range, in memory. */
  async bytes(options?: ReadOptions): Promise<Buffer> {
    return buffer(this.createReadStream(options))
  }

  /** The same as UTF-8 text. */
  async text(options?: ReadOptions): Promise<string> {
    return (await this.bytes(options)).toString()
  }

  /**
   * The same as JSON.
   * @throws SyntaxError when they are not JSON
   */
  async json(options?: ReadOptions): Promise<unknown> {
    return JSON.parse(await this.text(options))
  }
}

/** A result's asset as an object to read. */
export function storedAsset(objects: ObjectStore, asset: RecordedAsset): StoredObject {
  const { key, etag, inline, name, filename, contentType, size } = asset
  const details = { metadata: {}, filename: filename ?? name, contentType, size }
  if (key !== undefined && etag !== undefined) return new StoredObject({ objects, key, etag }, details)
  return new StoredObject({ bytes: Buffer.from(inline ?? '', 'base64') }, details)
}
