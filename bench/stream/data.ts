import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'

export const MiB = 1024 * 1024

/** Bytes of a chunk, as many as Node's file streams give at once. */
const chunkSize = 64 * 1024

/** Noise, the same in every process: nothing that a file system or a connection could make smaller. */
const noise = makeNoise(chunkSize)

/**
 * A stream of `size` bytes that cost a copy of memory to make. Each chunk carries its number, so that none can be swapped or lost
 * unseen, and comes a moment after it was asked for, as a file's does.
 */
export function generated(size: number): Readable {
  let offset = 0
  return new Readable({
    read(): void {
      const chunk = offset < size ? chunkAt(offset / chunkSize).subarray(0, size - offset) : null
      offset += chunk?.byteLength ?? 0
      process.nextTick(() => this.push(chunk))
    },
  })
}

/** The same bytes in pieces so large that making and sending them costs a server next to nothing. */
export function* pieces(size: number): Generator<Buffer> {
  for (let offset = 0; offset < size; offset += MiB) {
    const piece = Buffer.allocUnsafeSlow(Math.min(MiB, size - offset))
    for (let at = 0; at < piece.byteLength; at += chunkSize) {
      fill(piece.subarray(at, at + chunkSize), (offset + at) / chunkSize)
    }
    yield piece
  }
}

/** SHA-256 of all that {@link generated} gives, in little memory. */
export function expectedDigest(size: number): string {
  const hash = createHash('sha256')
  const chunk = Buffer.alloc(chunkSize)
  for (let offset = 0; offset < size; offset += chunkSize) {
    hash.update(fill(chunk, offset / chunkSize).subarray(0, size - offset))
  }
  return hash.digest('hex')
}

const chunkAt = (number: number): Buffer => fill(Buffer.allocUnsafeSlow(chunkSize), number)

function fill(chunk: Buffer, number: number): Buffer {
  noise.copy(chunk)
  chunk.writeUInt32LE(number, 0)
  return chunk
}

/** Marsaglia's xorshift, 32 bits. */
function makeNoise(size: number): Buffer {
  const bytes = Buffer.alloc(size)
  let state = 2463534242
  for (let at = 0; at < size; at += 4) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    bytes.writeInt32LE(state, at)
  }
  return bytes
}
