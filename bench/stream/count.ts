import { createHash } from 'node:crypto'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** What came out at the end of a stream. */
export interface Counted {
  readonly bytes: number
  /** SHA-256, where it was asked for: it costs about as much as the transfer. */
  readonly digest: string | undefined
}

/** Reads a stream to its end and keeps nothing. */
export async function count(stream: NodeJS.ReadableStream, withDigest: boolean): Promise<Counted> {
  const hash = withDigest ? createHash('sha256') : undefined
  let bytes = 0
  const end = new Writable({
    write(chunk: Buffer, _encoding, done): void {
      bytes += chunk.byteLength
      hash?.update(chunk)
      done()
    },
  })
  await pipeline(stream, end)
  return { bytes, digest: hash?.digest('hex') }
}
