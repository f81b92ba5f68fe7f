import type { Readable } from 'node:stream'
import type { Cancellable } from '../backend.ts'
import type { Content } from '../body.ts'
import { type Pullable, PullStream } from '../pull-stream.ts'
import { assetsPrefix } from '../protocol/keys.ts'
import type { RecordedAsset } from '../protocol/record.ts'
import type { Held } from './held.ts'
import type { NamedContent } from './outcome.ts'
import { letGo } from './store.ts'
import type { Workspace } from './workspace.ts'

/** Most bytes of assets that ride inside a result, all together. */
const maxRidingBytes = 64 * 1024

/** Room left for assets inside one result. */
interface Room {
  bytes: number
}

/**
 * Stores what an attempt hands back, below a folder that is its alone. All are read at once, since two of them may be the two
 * ends of one program's output; when one fails the others are given up and nothing stays.
 */
export async function storeAssets(
  w: Workspace,
  held: Held,
  nonce: string,
  { assets, signal }: { readonly assets: readonly NamedContent[] } & Cancellable,
): Promise<readonly RecordedAsset[]> {
  if (assets.length === 0) {
    signal?.throwIfAborted()
    return []
  }
  const prefix = assetsPrefix(held.message.id, held.attempt, nonce)
  const room: Room = { bytes: maxRidingBytes }
  const failed = new AbortController()
  const giveUp = (error: unknown): void => {
    failed.abort(error)
    // At once: another may be waiting for bytes that would never come.
    for (const { content } of assets) letGo(content)
  }
  if (signal?.aborted) giveUp(signal.reason)
  signal?.addEventListener('abort', () => giveUp(signal.reason), { signal: failed.signal })
  const stored = await Promise.allSettled(
    assets.map((asset) =>
      storeAsset(w, prefix, asset, room, failed.signal).catch((error: unknown) => {
        giveUp(error)
        throw error
      }),
    ),
  )
  if (!failed.signal.aborted) return stored.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  await removeAssets(
    w,
    stored.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])),
  )
  throw failed.signal.reason
}

/** Removes what an attempt stored for nothing. What cannot be removed now is never seen either: no result names it. */
export async function removeAssets(w: Workspace, assets: readonly RecordedAsset[]): Promise<void> {
  const keys = assets.flatMap(({ key }) => (key === undefined ? [] : [key]))
  await Promise.allSettled(keys.map((key) => w.objects.delete(key)))
}

async function storeAsset(
  w: Workspace,
  prefix: string,
  asset: NamedContent,
  room: Room,
  signal: AbortSignal,
): Promise<RecordedAsset> {
  const { name, filename, contentType } = asset
  const content = await peek(asset.content, room.bytes)
  const { data } = content
  if (data instanceof Uint8Array && data.byteLength <= room.bytes) {
    room.bytes -= data.byteLength
    const inline = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')
    return { name, filename, contentType, size: data.byteLength, inline }
  }
  const key = prefix + name
  const { etag, size } = await w.objects.put(key, data, {
    contentType: httpType(contentType),
    size: content.size,
    signal,
  })
  return { name, filename, contentType, size, key, etag }
}

/** Header values are ASCII; the record keeps what was said. */
function httpType(contentType: string | undefined): string | undefined {
  return contentType !== undefined && /^[\x20-\x7e]{1,255}$/.test(contentType) ? contentType : undefined
}

/** A stream that ends within `most` bytes becomes its bytes; a longer one stays a stream, nothing of it lost. */
async function peek(content: Content, most: number): Promise<Content> {
  const { data } = content
  if (data instanceof Uint8Array || (content.size ?? 0) > most) return content
  const iterator: AsyncIterator<unknown> = data[Symbol.asyncIterator]()
  const head: Uint8Array[] = []
  for (let length = 0; length <= most;) {
    const step = await iterator.next()
    if (step.done) return { ...content, data: Buffer.concat(head) }
    if (!(step.value instanceof Uint8Array)) continue
    head.push(step.value)
    length += step.value.byteLength
  }
  return { ...content, data: new PullStream(new Rest(head, iterator, data)) }
}

/** What was peeked at, then the rest. */
class Rest implements Pullable {
  readonly #head: Uint8Array[]
  readonly #iterator: AsyncIterator<unknown>
  readonly #source: Readable

  constructor(head: Uint8Array[], iterator: AsyncIterator<unknown>, source: Readable) {
    this.#head = head
    this.#iterator = iterator
    this.#source = source
  }

  async next(): Promise<Uint8Array | null> {
    const peeked = this.#head.shift()
    if (peeked) return peeked
    const step = await this.#iterator.next()
    return step.done || !(step.value instanceof Uint8Array) ? null : step.value
  }

  stop(): void {
    this.#source.destroy()
  }
}
