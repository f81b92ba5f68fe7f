import { S3Client } from '@aws-sdk/client-s3'
import { SQSClient } from '@aws-sdk/client-sqs'
import { RemoteJobError } from '../errors.ts'
import { bodiesConfig, patience, type Patience, pollsConfig, s3Config, sqsConfig } from './config.ts'
import { lean } from './lean.ts'
import type { AwsOptions } from './options.ts'
import { tuneRetries } from './retries.ts'

/**
 * The SDK's clients, each made when it is first asked for. Requests that stay open for long have clients of their own: were they
 * to share sockets with the others, long polls would starve sends, and bodies held open by readers would starve writes.
 */
export class Clients {
  readonly #options: AwsOptions
  readonly #patience: Patience
  #s3: S3Client | undefined
  #bodies: S3Client | undefined
  #sqs: SQSClient | undefined
  #polls: SQSClient | undefined
  #closed = false

  constructor(options: AwsOptions, patient: Patience = patience) {
    this.#options = options
    this.#patience = patient
  }

  /** For all about objects but reading their bodies. */
  get s3(): S3Client {
    this.#checkOpen()
    return this.#options.s3 ?? (this.#s3 ??= this.#tuned(new S3Client(s3Config(this.#options, this.#patience)), 1))
  }

  /** For reading bodies. */
  get bodies(): S3Client {
    this.#checkOpen()
    return (
      this.#options.s3 ?? (this.#bodies ??= this.#tuned(new S3Client(bodiesConfig(this.#options, this.#patience)), 1))
    )
  }

  /** For all about messages but receiving them. */
  get sqs(): SQSClient {
    this.#checkOpen()
    return this.#options.sqs ?? (this.#sqs ??= this.#tuned(new SQSClient(sqsConfig(this.#options, this.#patience)), 1))
  }

  /** For receiving messages. */
  get polls(): SQSClient {
    this.#checkOpen()
    return (
      this.#options.sqs ?? (this.#polls ??= this.#tuned(new SQSClient(pollsConfig(this.#options, this.#patience)), 0))
    )
  }

  /** Ends the clients made here; those handed in are their owner's. */
  close(): void {
    this.#closed = true
    for (const client of [this.#s3, this.#bodies, this.#sqs, this.#polls]) client?.destroy()
  }

  /** @param silences How often a request may go unanswered and be made again */
  #tuned<Client extends S3Client | SQSClient>(client: Client, silences: number): Client {
    return lean(tuneRetries(client, { isClosed: () => this.#closed, silences }))
  }

  /** A client made after the end would keep its sockets open for ever. */
  #checkOpen(): void {
    if (this.#closed) throw new RemoteJobError('CLOSED', 'This queue is closed')
  }
}
