import type { Administration, MessageCounts } from '../../administration.ts'
import type { Cancellable } from '../../backend.ts'
import { Clients } from '../clients.ts'
import type { AwsOptions } from '../options.ts'
import { QueueUrls } from '../queue-urls.ts'
import { counts } from './counts.ts'
import { queueNames } from './queue-names.ts'

/** Looks after the queues of one account and region. */
export class AwsAdministration implements Administration {
  readonly isApproximate = true
  readonly #clients: Clients
  readonly #urls: QueueUrls

  constructor(options: AwsOptions) {
    this.#clients = new Clients(options)
    this.#urls = new QueueUrls(this.#clients)
  }

  queueNames(options: Cancellable = {}): Promise<readonly string[]> {
    return queueNames(this.#clients, this.#urls, options)
  }

  counts(queue: string, options: Cancellable = {}): Promise<MessageCounts | undefined> {
    return counts(queue, this.#clients, this.#urls, options)
  }

  async close(): Promise<void> {
    this.#clients.close()
  }
}
