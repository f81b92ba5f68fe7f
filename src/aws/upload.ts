import type { Readable } from 'node:stream'
import type { PutOptions, Written } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import type { Bucket } from './bucket.ts'
import { Multipart } from './multipart.ts'
import { Parts } from './parts.ts'
import type { Part } from './parts.ts'
import { putBytes } from './put.ts'

/** Parts on their way at once; a further one is being filled. */
const maxPartsInFlight = 4

/** Bytes on their way at once, where parts have become large. */
const maxBytesInFlight = 64 * 1024 * 1024

/**
 * Writes a stream of any length: in one request when it fits into one part, else as a multipart upload. Whatever ends it early
 * (the stream, S3, the signal) stops the rest at once and takes back what was stored. The SDK's own `Upload` first waits for the
 * next bytes of the stream, and those may never come.
 */
export async function putStream(bucket: Bucket, key: string, source: Readable, options: PutOptions): Promise<Written> {
  const halt = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, halt.signal]) : halt.signal
  const stop = (): void => void source.destroy(signal.reason instanceof Error ? signal.reason : undefined)
  source.on('error', () => {}) // the iteration reports it; what comes after has nobody to tell
  signal.addEventListener('abort', stop)
  try {
    options.signal?.throwIfAborted()
    checkUnread(source, key)
    return await store(bucket, key, new Parts(source, options.size), { ...options, signal }, halt)
  } catch (error) {
    signal.throwIfAborted() // a stream that we destroyed reports that, instead of why
    throw error
  } finally {
    signal.removeEventListener('abort', stop)
    source.destroy()
  }
}

/** An ended stream would be taken for an empty one. */
function checkUnread(source: Readable, key: string): void {
  if (!source.destroyed && !source.readableEnded) return
  throw new RemoteJobError('BODY_FAILED', `The stream for "${key}" was read or destroyed before`, {
    cause: source.errored,
  })
}

async function store(
  bucket: Bucket,
  key: string,
  parts: Parts,
  options: PutOptions & { readonly signal: AbortSignal },
  halt: AbortController,
): Promise<Written> {
  const upload = new Multipart(bucket, key, options)
  const inFlight = new Set<Promise<void>>()
  const send = async (part: Part): Promise<void> => {
    try {
      await upload.send(part)
      parts.recycle(part)
    } catch (error) {
      halt.abort(error)
    }
  }
  try {
    for await (const part of parts) {
      if (part.last && part.number === 1) return await putBytes(bucket, key, part.bytes, options)
      while (inFlight.size >= maxInFlight(part)) await Promise.race(inFlight)
      const sending = send(part).finally(() => inFlight.delete(sending))
      inFlight.add(sending)
    }
    await Promise.all(inFlight)
    options.signal.throwIfAborted()
    return await upload.complete(parts.total)
  } catch (error) {
    halt.abort(error)
    await Promise.all(inFlight)
    await upload.abort()
    throw error
  }
}

function maxInFlight(part: Part): number {
  return Math.max(1, Math.min(maxPartsInFlight, Math.floor(maxBytesInFlight / part.bytes.byteLength)))
}
