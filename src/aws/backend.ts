import type { Backend, MessageQueue, ObjectStore, OpenBackend, Place } from '../backend.ts'
import type { ObjectEvents } from '../object-events.ts'
import { AddressedQueue } from './addressed-queue.ts'
import { allSettled } from './all-settled.ts'
import { Bucket } from './bucket.ts'
import { Clients } from './clients.ts'
import type { Patience } from './config.ts'
import { SqsMessageQueue } from './message-queue.ts'
import { S3ObjectStore } from './object-store.ts'
import type { AwsOptions } from './options.ts'
import { provisionBucket } from './provision-bucket.ts'
import { queuesOf } from './blueprint.ts'
import { provisionQueues } from './provision-queues.ts'
import { QueueUrls } from './queue-urls.ts'
import { addReplyQueue, removeReplyQueue } from './reply-queue.ts'

/**
 * Amazon S3 and SQS, or servers that speak their protocols. Makes no client before the first request.
 * @param patience How long requests wait for an answer; tests have less of it than users
 */
export function awsBackend(options: AwsOptions = {}, patience?: Patience): Backend {
  return {
    open: (place) => new OpenAwsBackend(place, options, patience),
    administration: async () => {
      const { AwsAdministration } = await import('./administration/administration.ts')
      return new AwsAdministration(options)
    },
  }
}

class OpenAwsBackend implements OpenBackend {
  readonly objects: ObjectStore
  readonly #place: Place
  readonly #clients: Clients
  readonly #bucket: Bucket
  readonly #urls: QueueUrls
  /** One of each, since calls share requests through it. */
  readonly #queues = new Map<string, MessageQueue>()
  readonly #names: ReadonlySet<string>

  constructor(place: Place, options: AwsOptions, patience: Patience | undefined) {
    this.#place = place
    this.#names = new Set(queuesOf(place))
    this.#clients = new Clients(options, patience)
    this.#bucket = new Bucket(place.bucket, this.#clients, options.bucketOwner)
    this.#urls = new QueueUrls(this.#clients)
    this.objects = new S3ObjectStore(this.#bucket)
  }

  queue(name: string): MessageQueue {
    // Those of others come and go, in any number: they are forgotten with who has them.
    if (!this.#names.has(name)) return this.#bind(name, new QueueUrls(this.#clients))
    const known = this.#queues.get(name) ?? this.#bind(name, this.#urls)
    this.#queues.set(name, known)
    return known
  }

  addQueue(name: string): Promise<void> {
    return addReplyQueue(name, this.#clients)
  }

  removeQueue(name: string): Promise<void> {
    return removeReplyQueue(name, this.#clients)
  }

  async events(): Promise<ObjectEvents> {
    const { AwsObjectEvents } = await import('./events/object-events.ts')
    return new AwsObjectEvents(this.#clients, this.#urls)
  }

  async ready(): Promise<void> {
    await allSettled([
      provisionBucket(this.#bucket, this.#place),
      provisionQueues(this.#place, this.#clients, this.#urls),
    ])
  }

  async region(): Promise<string> {
    return this.#clients.sqs.config.region()
  }

  async close(): Promise<void> {
    this.#clients.close()
  }

  #bind(name: string, urls: QueueUrls): MessageQueue {
    return new SqsMessageQueue(new AddressedQueue(name, this.#clients, urls))
  }
}
