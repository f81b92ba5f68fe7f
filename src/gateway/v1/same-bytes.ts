import type { StoredObject } from '../../lifecycle/stored-object.ts'

/** Whether bytes that come are those that are stored; as soon as they are known to be others the rest is not read. */
export async function sameBytes(
  given: AsyncIterable<Uint8Array> | undefined,
  stored: StoredObject | undefined,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const source = stored?.createReadStream({ signal })
  try {
    const other = new Piecewise(source ?? [])
    for await (const chunk of given ?? []) {
      const wanted = await other.take(chunk.byteLength)
      if (!wanted.equals(chunk)) return false
    }
    return (await other.take(1)).byteLength === 0
  } finally {
    source?.destroy()
  }
}

/** Bytes by as many as are wanted. */
class Piecewise {
  readonly #chunks: AsyncIterator<unknown> | Iterator<unknown>
  #rest: Buffer = Buffer.alloc(0)

  constructor(chunks: AsyncIterable<unknown> | Iterable<unknown>) {
    this.#chunks = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]()
  }

  /** So many bytes, or what is left. */
  async take(length: number): Promise<Buffer> {
    const pieces = [this.#rest]
    let have = this.#rest.byteLength
    while (have < length) {
      const step = await this.#chunks.next()
      if (step.done) break
      if (!(step.value instanceof Uint8Array)) continue
      pieces.push(Buffer.from(step.value))
      have += step.value.byteLength
    }
    const all = Buffer.concat(pieces)
    this.#rest = all.subarray(length)
    return all.subarray(0, length)
  }
}
