import { Readable } from 'node:stream'
import { DeleteObjectCommand } from '@aws-sdk/client-s3'
import type {
  Cancellable,
  GetOptions,
  ListOptions,
  ListPage,
  ObjectInfo,
  ObjectReading,
  ObjectStore,
  Presigned,
  PresignGetOptions,
  PresignPutOptions,
  PutOptions,
  Written,
} from '../backend.ts'
import type { Bucket } from './bucket.ts'
import { call } from './call.ts'
import { list } from './list.ts'
import { putIfAbsent } from './put-if-absent.ts'
import { putBytes } from './put.ts'
import { get, head } from './read.ts'
import { putStream } from './upload.ts'

/** The objects of one S3 bucket. */
export class S3ObjectStore implements ObjectStore {
  readonly #bucket: Bucket

  constructor(bucket: Bucket) {
    this.#bucket = bucket
  }

  put(key: string, body: Uint8Array | Readable, options: PutOptions = {}): Promise<Written> {
    return body instanceof Readable
      ? putStream(this.#bucket, key, body, options)
      : putBytes(this.#bucket, key, body, options)
  }

  putIfAbsent(key: string, body: Uint8Array, options: Omit<PutOptions, 'size'> = {}): Promise<Written | undefined> {
    return putIfAbsent(this.#bucket, key, body, options)
  }

  get(key: string, options: GetOptions = {}): Promise<ObjectReading | undefined> {
    return get(this.#bucket, key, options)
  }

  head(key: string, options: Cancellable = {}): Promise<ObjectInfo | undefined> {
    return head(this.#bucket, key, options)
  }

  async delete(key: string, options: Cancellable = {}): Promise<void> {
    const command = new DeleteObjectCommand({ ...this.#bucket.named, Key: key })
    await call(this.#bucket.doing('DeleteObject', key), options, (http) => this.#bucket.s3.send(command, http))
  }

  list(prefix: string, options: ListOptions = {}): Promise<ListPage> {
    return list(this.#bucket, prefix, options)
  }

  async presignPut(key: string, options: PresignPutOptions): Promise<Presigned> {
    const { presignPut } = await import('./presign.ts')
    return presignPut(this.#bucket, key, options)
  }

  async presignGet(key: string, options: PresignGetOptions): Promise<Presigned> {
    const { presignGet } = await import('./presign.ts')
    return presignGet(this.#bucket, key, options)
  }
}
