/** Bytes in pieces. */
export async function* chunksOf(bytes: Buffer, size = 65_537): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size)
}

/** Bytes that are not all the same. */
export function noise(length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  for (let at = 0; at < length; at += 1) bytes[at] = (at * 31 + (at >> 8)) & 0xff
  return bytes
}

/** A body that fails after so many bytes. */
export async function* failingAfter(length: number): AsyncGenerator<Buffer> {
  yield* chunksOf(noise(length))
  throw new Error('disk on fire')
}
