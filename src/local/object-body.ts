import { finished, Readable } from 'node:stream'
import type { Files } from './files.ts'

/** Bytes read from a file at once. */
const readSize = 256 * 1024

/** The first and the last byte wanted, of those that are there. */
export interface Range {
  readonly from?: number | undefined
  readonly to?: number | undefined
}

/** The bytes of a file within a range, or undefined when the file was removed. */
export async function fileBody(
  files: Files,
  name: string,
  { from = 0, to = Number.POSITIVE_INFINITY }: Range,
): Promise<Readable | undefined> {
  const file = await files.open(name)
  if (!file || to >= from) return file?.createReadStream({ start: from, end: to, highWaterMark: readSize })
  await file.close()
  return Readable.from([])
}

/** The bytes of a row within a range. */
export function rowBody(data: Uint8Array, { from = 0, to = Number.POSITIVE_INFINITY }: Range): Readable {
  const rest = Buffer.from(data.buffer, data.byteOffset, data.byteLength).subarray(from, Math.max(from, to + 1))
  return new Readable({
    read(): void {
      if (rest.length > 0) this.push(rest)
      this.push(null)
    },
  })
}

/** The same stream, which ends with the signal's reason when that is aborted. */
export function untilAborted(body: Readable, signal: AbortSignal | undefined): Readable {
  if (!signal) return body
  const stop = (): unknown => body.destroy(reasonOf(signal))
  signal.addEventListener('abort', stop, { once: true })
  finished(body, () => signal.removeEventListener('abort', stop))
  if (signal.aborted) stop()
  return body
}

/** A stream ends with an Error only; `abort('enough')` gives a text. */
function reasonOf(signal: AbortSignal): Error {
  const reason: unknown = signal.reason
  return reason instanceof Error ? reason : new Error(`Aborted: ${String(reason)}`, { cause: reason })
}
