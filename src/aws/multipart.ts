import { createHash } from 'node:crypto'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import type { CompletedPart } from '@aws-sdk/client-s3'
import type { PutOptions, Written } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import type { Bucket } from './bucket.ts'
import { call } from './call.ts'
import { reasonOf } from './failure.ts'
import type { Part } from './parts.ts'
import { describe, etagFrom } from './put.ts'
import { head } from './read.ts'

/** Milliseconds for taking an upload back once its caller has given up. */
const farewell = 5_000

/** One multipart upload of one object, begun with its first part. The object appears when it is completed. */
export class Multipart {
  readonly #bucket: Bucket
  readonly #key: string
  readonly #options: PutOptions
  readonly #stored: CompletedPart[] = []
  #id: Promise<string> | undefined

  constructor(bucket: Bucket, key: string, options: PutOptions) {
    this.#bucket = bucket
    this.#key = key
    this.#options = options
  }

  /** Stores a part; parts may be sent in any order and at once. */
  async send(part: Part): Promise<void> {
    this.#id ??= this.#begin()
    const target = { ...this.#target, UploadId: await this.#id, PartNumber: part.number }
    const command = new UploadPartCommand({ ...target, Body: part.bytes })
    const { ETag, ChecksumCRC32 } = await call(this.#bucket.doing('UploadPart', this.#key), this.#options, (http) =>
      this.#bucket.s3.send(command, http),
    )
    const etag = etagFrom(ETag, this.#key)
    this.#stored.push({
      PartNumber: part.number,
      ETag: etag,
      ...(ChecksumCRC32 === undefined ? {} : { ChecksumCRC32 }),
    })
  }

  /**
   * Makes the object of the stored parts. No signal ends it: whoever gives up now would not know whether the object is there.
   * @param size bytes of all parts
   */
  async complete(size: number): Promise<Written> {
    const Parts = this.#stored.toSorted((one, other) => (one.PartNumber ?? 0) - (other.PartNumber ?? 0))
    const command = new CompleteMultipartUploadCommand({
      ...this.#target,
      UploadId: await this.#id,
      MultipartUpload: { Parts },
    })
    try {
      const { ETag } = await call(this.#bucket.doing('CompleteMultipartUpload', this.#key), {}, (http) =>
        this.#bucket.s3.send(command, http),
      )
      return { etag: etagFrom(ETag || (await this.#found()), this.#key), size } // radosgw 16 leaves it empty here
    } catch (error) {
      // an earlier try may have made the object, and only its answer was lost
      if (reasonOf(error) === 'no-upload' && (await this.#found()) === etagOf(Parts))
        return { etag: etagOf(Parts), size }
      throw error
    }
  }

  /** Takes back what was stored. What cannot be taken back goes by the bucket's lifecycle rule. */
  async abort(): Promise<void> {
    try {
      const UploadId = await this.#id
      if (UploadId === undefined) return
      const command = new AbortMultipartUploadCommand({ ...this.#target, UploadId })
      await this.#bucket.s3.send(command, { abortSignal: AbortSignal.timeout(farewell) })
    } catch {
      // the error that led here is the one to tell
    }
  }

  /** Not ended by the signal at once: an upload whose id nobody learns could not be taken back. */
  async #begin(): Promise<string> {
    // S3 refuses a part whose checksum is of another kind than the upload's
    const checksums = await this.#bucket.s3.config.requestChecksumCalculation()
    const command = new CreateMultipartUploadCommand({
      ...this.#target,
      ...describe(this.#options),
      ...(checksums === 'WHEN_SUPPORTED' ? { ChecksumAlgorithm: 'CRC32' } : {}),
    })
    const patient = { signal: later(this.#options.signal) }
    const { UploadId } = await call(this.#bucket.doing('CreateMultipartUpload', this.#key), patient, (http) =>
      this.#bucket.s3.send(command, http),
    )
    if (UploadId !== undefined) return UploadId
    throw new RemoteJobError('UNSUPPORTED', `The server gave no upload id for "${this.#key}"`)
  }

  /** The ETag of the object that is there now. */
  async #found(): Promise<string | undefined> {
    return (await head(this.#bucket, this.#key, {}))?.etag
  }

  get #target(): { readonly Bucket: string; readonly Key: string } {
    return { ...this.#bucket.named, Key: this.#key }
  }
}

/** Aborts a while after `signal` does. */
function later(signal: AbortSignal | undefined): AbortSignal {
  const late = new AbortController()
  signal?.addEventListener('abort', () => setTimeout(() => late.abort(signal.reason), farewell).unref(), { once: true })
  return late.signal
}

/** S3's ETag of an object made of parts: the MD5 sum of their MD5 sums, and their number. */
function etagOf(parts: readonly CompletedPart[]): string {
  const sums = parts.map(({ ETag = '' }) => Buffer.from(ETag.replaceAll('"', ''), 'hex'))
  return `"${createHash('md5').update(Buffer.concat(sums)).digest('hex')}-${parts.length}"`
}
