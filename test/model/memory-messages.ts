import { setTimeout as delay } from 'node:timers/promises'
import type { Cancellable, Delivery, MessageQueue, OutgoingMessage, ReceiveOptions } from '../../src/backend.ts'
import { RemoteJobError } from '../../src/errors.ts'

interface Message extends OutgoingMessage {
  readonly messageId: string
  readonly sentAt: Date
  visibleAt: number
  receiveCount: number
  receipt: string | undefined
  receivedAt: number
}

/** SQS's limit: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const maxBytes = 1024 * 1024
const maxHold = 12 * 3600 * 1000
let numbers = 0

/** Messages in memory, visible by `Date`, which may be a virtual clock. */
export class MemoryMessages implements MessageQueue {
  readonly #messages = new Set<Message>()
  readonly #deleted: Message[] = []
  readonly #isPatient: boolean
  /** Where messages go that were received so often. */
  deadLetters: { readonly queue: MemoryMessages; readonly maxReceives: number } | undefined

  /** @param isPatient Whether a receive waits; where time is virtual, nothing comes by waiting */
  constructor(isPatient: boolean) {
    this.#isPatient = isPatient
  }

  async send(message: OutgoingMessage, { signal }: Cancellable = {}): Promise<void> {
    signal?.throwIfAborted()
    if (Buffer.byteLength(message.body) > maxBytes)
      throw new RemoteJobError('INVALID_ARGUMENT', 'The message is larger than 1 MiB')
    const visibleAt = Date.now() + (message.delaySeconds ?? 0) * 1000
    this.#messages.add({
      ...message,
      messageId: `m${(numbers += 1)}`,
      sentAt: new Date(),
      visibleAt,
      receiveCount: 0,
      receipt: undefined,
      receivedAt: 0,
    })
  }

  async receive({ max, waitSeconds, leaseSeconds, stop }: ReceiveOptions): Promise<readonly Delivery[]> {
    const until = performance.now() + waitSeconds * 1000
    for (;;) {
      if (stop?.aborted && waitSeconds > 0) return []
      const taken = [...this.#visible()].slice(0, max).map((message) => take(message, leaseSeconds))
      if (taken.length > 0 || !this.#isPatient || performance.now() >= until) return taken
      await delay(10)
    }
  }

  async delete(receipt: string, { signal }: Cancellable = {}): Promise<void> {
    signal?.throwIfAborted()
    const message = this.#find(receipt)
    if (!message) return
    this.#messages.delete(message)
    this.#deleted.push(message)
  }

  async extend(receipt: string, seconds: number, { signal }: Cancellable = {}): Promise<void> {
    signal?.throwIfAborted()
    const message = this.#find(receipt)
    if (!message || message.visibleAt <= Date.now())
      throw new RemoteJobError('LEASE_LOST', 'The message is gone, or somebody else has it')
    if (Date.now() + seconds * 1000 > message.receivedAt + maxHold)
      throw new RemoteJobError('INVALID_ARGUMENT', 'Nobody keeps a message for more than twelve hours')
    message.visibleAt = Date.now() + seconds * 1000
  }

  /** What a distributed queue may do: a lease ends early. */
  endLease(at: number): void {
    const message = [...this.#messages].filter(({ receipt }) => receipt !== undefined).at(at)
    if (message) message.visibleAt = Date.now()
  }

  /** And a message that was deleted comes back. */
  bringBack(at: number): void {
    const message = this.#deleted.at(at)
    if (!message) return
    this.#deleted.splice(this.#deleted.indexOf(message), 1)
    message.visibleAt = Date.now()
    this.#messages.add(message)
  }

  #find(receipt: string): Message | undefined {
    return [...this.#messages].find((message) => message.receipt === receipt)
  }

  *#visible(): Generator<Message> {
    for (const message of this.#messages) {
      if (message.visibleAt > Date.now()) continue
      if (!this.deadLetters || message.receiveCount < this.deadLetters.maxReceives) yield message
      else this.#bury(message, this.deadLetters.queue)
    }
  }

  #bury(message: Message, dead: MemoryMessages): void {
    this.#messages.delete(message)
    message.receipt = undefined
    dead.#messages.add(message)
  }
}

function take(message: Message, leaseSeconds: number): Delivery {
  message.receiveCount += 1
  message.receipt = `r${(numbers += 1)}`
  message.receivedAt = Date.now()
  message.visibleAt = Date.now() + leaseSeconds * 1000
  const { messageId, receipt, body, attributes = {}, receiveCount, sentAt } = message
  return { messageId, receipt, body, attributes, receiveCount, sentAt }
}
