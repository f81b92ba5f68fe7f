import { writeHistory } from './history.ts'
import type { Held } from './held.ts'
import { isWorn } from './put-back.ts'
import { sendReplacement } from './replacement.ts'
import type { Workspace } from './workspace.ts'

/**
 * Seconds after which a message is replaced: SQS lets nobody keep one for more than twelve hours from its receive, and half an hour
 * is left for trying again. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html
 */
const renewAfterSeconds = 11.5 * 3600

/**
 * How a job outlasts its message. Before the queue takes the message away, for its age or for having been received too often, a
 * replacement is sent, and then the message deleted. The replacement comes after a while, to see whether the worker lives: from here
 * on nothing but its sign of life keeps the job its own.
 */
export class Renewal {
  /** When it is due, in milliseconds since 1970; never where no sign of life is written. */
  readonly dueAt: number
  /** What is left to do, in this order: the message goes when both its replacement and the note of it are there. */
  readonly #steps: (() => Promise<void>)[]
  #making: Promise<void> | undefined

  constructor(w: Workspace, held: Held) {
    this.dueAt = dueAt(w, held)
    this.#steps = [
      () => sendReplacement(held, { base: held.delivery, owner: held.nonce }),
      // From now on a message that the replacement stands for is known by its count, should one come back.
      () => writeHistory(w, held.message.id, held, 'renewed'),
      () => held.queue.delete(held.receipt),
    ]
  }

  /** Whether the message is gone, and a replacement stands for the job. */
  get isDone(): boolean {
    return this.#steps.length === 0
  }

  /** Makes it, once for all who ask at the same time; one that failed half-way goes on where it stopped. */
  make(): Promise<void> {
    this.#making ??= this.#make().finally(() => (this.#making = undefined))
    return this.#making
  }

  async #make(): Promise<void> {
    for (let step = this.#steps[0]; step; step = this.#steps[0]) {
      await step()
      this.#steps.shift()
    }
  }
}

function dueAt(w: Workspace, { message, receiveCount, receivedAt, leaseSeconds }: Held): number {
  if (w.records === 'none' || message.finished) return Number.POSITIVE_INFINITY
  // Received nearly too often: whoever dies with it now would leave it to the dead-letter queue. Short jobs end before that matters.
  return receivedAt + (isWorn(w, { receiveCount }) ? leaseSeconds / 3 : renewAfterSeconds) * 1000
}
