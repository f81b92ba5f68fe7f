import { createHash, type Hash } from 'node:crypto'
import { Readable } from 'node:stream'
import { RemoteJobError } from '../errors.ts'
import type { Files } from './files.ts'
import { untilAborted } from './object-body.ts'

/** Bytes up to which contents live in the database: a row costs one write, a file five and two fsyncs. */
export const largestRow = 64 * 1024
/** Bytes that are written to a file at once. */
const writeSize = 256 * 1024

/** A body that is stored, and not yet anybody's. */
export interface Content {
  readonly etag: string
  readonly size: number
  /** The bytes, when they are few. */
  readonly data: Uint8Array | undefined
  /** The name of the file that has them, when they are many. */
  readonly file: string | undefined
}

export interface ContentOptions {
  readonly size?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** Stores a body: a small one stays in memory until its row is written, a large one goes into a file. */
export async function keepContent(
  files: Files,
  body: Uint8Array | Readable,
  options: ContentOptions,
): Promise<Content> {
  if (!(body instanceof Uint8Array)) return await keepStream(files, body, options)
  checkSize(body.byteLength, options.size)
  if (body.byteLength <= largestRow) return { ...digest([body]), data: body, file: undefined }
  return await keepStream(files, Readable.from([body]), options)
}

/** Ends only when nothing is being written any more, whatever it ends with. */
async function keepStream(files: Files, body: Readable, { size, signal }: ContentOptions): Promise<Content> {
  try {
    return await keepChunks(files, limited(untilAborted(body, signal), size))
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}

/** Reads on in memory until it is clear whether the body is small. */
async function keepChunks(files: Files, source: AsyncGenerator<Uint8Array>): Promise<Content> {
  const head: Uint8Array[] = []
  let size = 0
  while (size <= largestRow) {
    const next = await source.next()
    if (next.done) return { ...digest(head), data: Buffer.concat(head), file: undefined }
    head.push(next.value)
    size += next.value.byteLength
  }
  return await keepFile(files, head, source)
}

async function keepFile(files: Files, head: readonly Uint8Array[], rest: AsyncIterable<Uint8Array>): Promise<Content> {
  const hash = createHash('sha256')
  let size = 0
  const file = await files.add(async (append) => {
    let writing = Promise.resolve()
    for await (const block of blocks(head, rest)) {
      await writing
      // While the disk is busy, the block is hashed and the next one read.
      writing = append(block)
      writing.catch(() => {})
      for (const chunk of block) hash.update(chunk)
      size += lengthOf(block)
    }
    await writing
  })
  return { etag: etagOf(hash), size, data: undefined, file }
}

/** The same chunks in groups that are worth a system call. */
async function* blocks(
  head: readonly Uint8Array[],
  rest: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly Uint8Array[]> {
  let block = [...head]
  let size = lengthOf(block)
  for await (const chunk of rest) {
    block.push(chunk)
    size += chunk.byteLength
    if (size < writeSize) continue
    yield block
    block = []
    size = 0
  }
  if (size > 0) yield block
}

/** Only bytes, and as many as were said. */
async function* limited(source: AsyncIterable<unknown>, expected: number | undefined): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const chunk of source) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    if (!(bytes instanceof Uint8Array)) {
      throw new RemoteJobError('INVALID_ARGUMENT', `Expected a body of bytes, got a chunk of type ${typeof chunk}`)
    }
    size += bytes.byteLength
    if (expected !== undefined && size > expected) checkSize(size, expected)
    yield bytes
  }
  checkSize(size, expected)
}

function checkSize(size: number, expected: number | undefined): void {
  if (expected === undefined || size === expected) return
  const relation = size > expected ? 'more' : `${size}`
  throw new RemoteJobError('INVALID_ARGUMENT', `Expected a body of ${expected} bytes as \`size\` says, got ${relation}`)
}

function digest(chunks: readonly Uint8Array[]): { etag: string; size: number } {
  const hash = createHash('sha256')
  for (const chunk of chunks) hash.update(chunk)
  return { etag: etagOf(hash), size: lengthOf(chunks) }
}

/** Half of the digest tells contents apart well enough, and is half as long in every message. */
const etagOf = (hash: Hash): string => hash.digest('hex').slice(0, 32)

const lengthOf = (chunks: readonly Uint8Array[]): number => chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0)
