import { GetQueueUrlCommand } from '@aws-sdk/client-sqs'
import type { Cancellable } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import { call } from './call.ts'
import type { Clients } from './clients.ts'

/** The URLs of queues by their names, each asked for once. */
export class QueueUrls {
  readonly #clients: Clients
  readonly #known = new Map<string, Promise<string>>()

  constructor(clients: Clients) {
    this.#clients = clients
  }

  /** @throws RemoteJobError `NOT_FOUND`; the next call asks again */
  of(queue: string): Promise<string> {
    const known = this.#known.get(queue)
    if (known) return known
    const asked = this.#ask(queue)
    this.#known.set(queue, asked)
    asked.catch(() => this.#known.delete(queue))
    return asked
  }

  /** A URL that was told elsewhere need not be asked for. */
  learn(queue: string, url: string): void {
    this.#known.set(queue, Promise.resolve(url))
  }

  /** One question serves all who wait for it, so nobody's signal ends it. */
  async #ask(queue: string): Promise<string> {
    const options: Cancellable = {}
    const command = new GetQueueUrlCommand({ QueueName: queue })
    const { QueueUrl } = await call({ operation: 'GetQueueUrl', queue }, options, (http) =>
      this.#clients.sqs.send(command, http),
    )
    if (QueueUrl !== undefined) return QueueUrl
    throw new RemoteJobError(
      'UNAVAILABLE',
      `What was asked for queue "${queue}" is no SQS (it gave no URL): check \`endpoint\``,
    )
  }
}
