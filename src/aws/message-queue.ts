import type { Cancellable, Delivery, MessageQueue, OutgoingMessage, ReceiveOptions } from '../backend.ts'
import type { AddressedQueue } from './addressed-queue.ts'
import { deleteMessage } from './delete.ts'
import { extend } from './extend.ts'
import { receive } from './receive.ts'
import { send } from './send.ts'

/** The messages of one SQS queue. */
export class SqsMessageQueue implements MessageQueue {
  readonly #queue: AddressedQueue

  constructor(queue: AddressedQueue) {
    this.#queue = queue
  }

  send(message: OutgoingMessage, options: Cancellable = {}): Promise<void> {
    return send(this.#queue, message, options)
  }

  receive(options: ReceiveOptions): Promise<readonly Delivery[]> {
    return receive(this.#queue, options)
  }

  delete(receipt: string, options: Cancellable = {}): Promise<void> {
    return deleteMessage(this.#queue, receipt, options)
  }

  extend(receipt: string, seconds: number, options: Cancellable = {}): Promise<void> {
    return extend(this.#queue, receipt, seconds, options)
  }
}
