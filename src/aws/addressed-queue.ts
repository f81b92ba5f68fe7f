import type { SQSClient } from '@aws-sdk/client-sqs'
import type { Clients } from './clients.ts'
import type { Doing, Operation } from './permissions.ts'
import type { QueueUrls } from './queue-urls.ts'

/** One queue and the clients to reach it with. */
export class AddressedQueue {
  readonly name: string
  readonly #clients: Clients
  readonly #urls: QueueUrls

  constructor(name: string, clients: Clients, urls: QueueUrls) {
    this.name = name
    this.#clients = clients
    this.#urls = urls
  }

  /** Asked for once. */
  get url(): Promise<string> {
    return this.#urls.of(this.name)
  }

  get sqs(): SQSClient {
    return this.#clients.sqs
  }

  get polls(): SQSClient {
    return this.#clients.polls
  }

  /** What a request does, for the text of its error. */
  doing(operation: Operation): Doing {
    return { operation, queue: this.name }
  }
}
