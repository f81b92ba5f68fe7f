import type { S3Client } from '@aws-sdk/client-s3'
import type { Clients } from './clients.ts'
import type { Doing, Operation } from './permissions.ts'

/** One bucket and the clients to reach it with. */
export class Bucket {
  readonly name: string
  readonly #clients: Clients
  readonly #owner: string | undefined

  constructor(name: string, clients: Clients, owner: string | undefined) {
    this.name = name
    this.#clients = clients
    this.#owner = owner
  }

  get s3(): S3Client {
    return this.#clients.s3
  }

  get bodies(): S3Client {
    return this.#clients.bodies
  }

  /** The members of a request that name the bucket, and whose it must be. */
  get named(): { readonly Bucket: string; readonly ExpectedBucketOwner?: string } {
    return { Bucket: this.name, ...(this.#owner === undefined ? {} : { ExpectedBucketOwner: this.#owner }) }
  }

  /** What a request does, for the text of its error. */
  doing(operation: Operation, key?: string): Doing {
    return { operation, bucket: this.name, key }
  }
}
