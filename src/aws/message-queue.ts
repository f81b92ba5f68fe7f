import type { Cancellable, DeleteOptions, Delivery, MessageQueue, OutgoingMessage, ReceiveOptions } from '../backend.ts'
import type { AddressedQueue } from './addressed-queue.ts'
import type { Batcher } from './batcher.ts'
import { deleter } from './delete.ts'
import { type Extension, extender } from './extend.ts'
import { receive } from './receive.ts'
import { sender } from './send.ts'

/** The messages of one SQS queue. Calls of one moment share requests. */
export class SqsMessageQueue implements MessageQueue {
  readonly #queue: AddressedQueue
  readonly #sends: Batcher<OutgoingMessage>
  readonly #extensions: Batcher<Extension>
  readonly #deletes: Batcher<string>

  constructor(queue: AddressedQueue) {
    this.#queue = queue
    this.#sends = sender(queue)
    this.#extensions = extender(queue)
    this.#deletes = deleter(queue)
  }

  send(message: OutgoingMessage, options?: Cancellable): Promise<void> {
    return this.#sends.add(message, options)
  }

  receive(options: ReceiveOptions): Promise<readonly Delivery[]> {
    return receive(this.#queue, options)
  }

  delete(receipt: string, options?: DeleteOptions): Promise<void> {
    return this.#deletes.add(receipt, options, options?.patienceSeconds)
  }

  extend(receipt: string, seconds: number, options?: Cancellable): Promise<void> {
    return this.#extensions.add({ receipt, seconds }, options)
  }
}
