import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { GetOptions, ObjectInfo, ObjectReading, ObjectStore, PutOptions, Written } from '../../src/backend.ts'
import { RemoteJobError } from '../../src/errors.ts'

interface Stored {
  readonly bytes: Buffer
  readonly options: PutOptions
  readonly etag: string
  readonly lastModified: Date
}

/** The version that these bytes make of an object. */
export const etagOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 32)

/** Objects in memory, dated by `Date`, which may be a virtual clock. */
export class MemoryObjects implements ObjectStore {
  readonly #stored = new Map<string, Stored>()
  /** Keys by their first folder: a listing of one is not slower for all that is in others. */
  readonly #folders = new Map<string, Set<string>>()

  async put(key: string, body: Uint8Array | Readable, options: PutOptions = {}): Promise<Written> {
    const { signal, size } = options
    const abort = (): void => void (body instanceof Uint8Array || body.destroy())
    signal?.addEventListener('abort', abort, { once: true })
    try {
      signal?.throwIfAborted()
      const bytes = await bytesOf(body)
      if (size !== undefined && bytes.byteLength !== size)
        throw new RemoteJobError('BODY_FAILED', 'The body has another length than was said')
      signal?.throwIfAborted()
      return this.#store(key, bytes, options)
    } catch (error) {
      abort()
      signal?.throwIfAborted()
      throw error
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }

  async putIfAbsent(key: string, body: Uint8Array, options: PutOptions = {}): Promise<Written | undefined> {
    options.signal?.throwIfAborted()
    return this.#stored.has(key) ? undefined : this.#store(key, Buffer.from(body), options)
  }

  async get(
    key: string,
    { from = 0, to = Infinity, etag, signal }: GetOptions = {},
  ): Promise<ObjectReading | undefined> {
    const info = await this.head(key, { signal })
    const stored = this.#stored.get(key)
    if (!info || !stored) return undefined
    if (etag !== undefined && etag !== stored.etag) throw new RemoteJobError('INPUT_CHANGED', `"${key}" was replaced`)
    return { ...info, body: Readable.from([stored.bytes.subarray(from, to + 1)], { objectMode: false }) }
  }

  async head(key: string, { signal }: GetOptions = {}): Promise<ObjectInfo | undefined> {
    signal?.throwIfAborted()
    const stored = this.#stored.get(key)
    if (!stored) return undefined
    const { etag, bytes, lastModified, options } = stored
    const { contentType, note } = options
    return {
      key,
      etag,
      size: bytes.byteLength,
      contentType,
      note,
      userMetadata: {},
      lastModified,
      answeredAt: new Date(),
    }
  }

  async delete(key: string, { signal }: GetOptions = {}): Promise<void> {
    signal?.throwIfAborted()
    this.#stored.delete(key)
    this.#folders.get(folderOf(key))?.delete(key)
  }

  async list(
    prefix: string,
    { after, limit = 1000, signal }: Parameters<ObjectStore['list']>[1] = {},
  ): ReturnType<ObjectStore['list']> {
    signal?.throwIfAborted()
    const keys = prefix.includes('/') ? (this.#folders.get(folderOf(prefix)) ?? []) : this.#stored.keys()
    const found = [...keys]
      .filter((key) => key.startsWith(prefix) && (after === undefined || inBytes(key, after) > 0))
      .toSorted(inBytes)
    const objects = found.slice(0, limit).flatMap((key) => {
      const stored = this.#stored.get(key)
      return stored ? [{ key, size: stored.bytes.byteLength, lastModified: stored.lastModified }] : []
    })
    return { objects, more: found.length > limit, answeredAt: new Date() }
  }

  #store(key: string, bytes: Buffer, options: PutOptions): Written {
    const etag = etagOf(bytes)
    this.#stored.set(key, { bytes, options, etag, lastModified: new Date() })
    const folder = this.#folders.get(folderOf(key)) ?? new Set()
    this.#folders.set(folderOf(key), folder.add(key))
    return { etag, size: bytes.byteLength }
  }
}

async function bytesOf(body: Uint8Array | Readable): Promise<Buffer> {
  if (body instanceof Uint8Array) return Buffer.from(body)
  const chunks: Buffer[] = []
  for await (const chunk of body) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

const folderOf = (key: string): string => key.slice(0, key.indexOf('/') + 1)

const inBytes = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other))
