import { createHash, randomUUID } from 'node:crypto'

/** As much of SQS as a queue at work needs, and as cheap as Node allows, so that the client is what is measured. */
export class FakeSqs {
  readonly #queues = new Map<string, FakeQueue>()
  readonly #url: (name: string) => string

  constructor(url: (name: string) => string) {
    this.#url = url
  }

  /** What SQS answers to an operation; every queue that is asked for is there. */
  async answer(operation: string, given: Given): Promise<object> {
    const queue = this.#queue(given.QueueName ?? given.QueueUrl?.split('/').at(-1) ?? '')
    switch (operation) {
      case 'CreateQueue':
      case 'GetQueueUrl':
        return { QueueUrl: this.#url(given.QueueName ?? '') }
      case 'GetQueueAttributes':
        return {
          Attributes: {
            QueueArn: 'arn:aws:sqs:us-east-1:000000000000:bench',
            MaximumMessageSize: '1048576',
            VisibilityTimeout: '30',
          },
        }
      case 'SendMessage':
        return queue.send(given)
      case 'SendMessageBatch':
        return { Successful: (given.Entries ?? []).map((entry) => ({ Id: entry.Id, ...queue.send(entry) })) }
      case 'ReceiveMessage':
        return queue.receive(given.MaxNumberOfMessages ?? 1, given.WaitTimeSeconds ?? 0)
      case 'DeleteMessage':
        return queue.delete(given.ReceiptHandle)
      case 'DeleteMessageBatch':
        return {
          Successful: (given.Entries ?? []).map((entry) => ({ Id: entry.Id, ...queue.delete(entry.ReceiptHandle) })),
        }
      case 'ChangeMessageVisibility':
        return queue.extend(given)
      case 'ChangeMessageVisibilityBatch':
        return { Successful: (given.Entries ?? []).map((entry) => ({ Id: entry.Id, ...queue.extend(entry) })) }
      default:
        return {}
    }
  }

  /** Messages of a queue that nobody has deleted. */
  left(name: string): number {
    return this.#queue(name).left
  }

  /** Ends the long polls that are out, so that who closes need not wait for them. */
  wake(): void {
    for (const queue of this.#queues.values()) queue.wake()
  }

  /** Forgets all queues, and gives their memory back. */
  clear(): void {
    this.#queues.clear()
  }

  #queue(name: string): FakeQueue {
    const queue = this.#queues.get(name) ?? new FakeQueue()
    this.#queues.set(name, queue)
    return queue
  }
}

/** What the operations take, all of them together. */
export interface Given {
  readonly Id?: string
  readonly QueueName?: string
  readonly QueueUrl?: string
  readonly MessageBody?: string
  readonly MessageAttributes?: object
  readonly ReceiptHandle?: string
  readonly MaxNumberOfMessages?: number
  readonly WaitTimeSeconds?: number
  readonly VisibilityTimeout?: number
  readonly Entries?: readonly Given[]
}

interface Message {
  readonly MessageId: string
  readonly ReceiptHandle: string
  readonly Body: string
  readonly MD5OfBody: string
  readonly MessageAttributes: object | undefined
  readonly Attributes: Readonly<Record<string, string>>
}

/** Messages in the order of their arrival; no bench lets a lease run out. */
class FakeQueue {
  #isAwake = false
  #visible: Message[] = []
  #taken = 0
  readonly #held = new Map<string, Message>()
  readonly #waiting: (() => void)[] = []

  get left(): number {
    return this.#visible.length - this.#taken + this.#held.size
  }

  send({ MessageBody = '', MessageAttributes }: Given): object {
    const MessageId = randomUUID()
    const MD5OfBody = createHash('md5').update(MessageBody).digest('hex')
    const Attributes = { ApproximateReceiveCount: '1', SentTimestamp: String(Date.now()) }
    this.#show({
      MessageId,
      ReceiptHandle: MessageId,
      Body: MessageBody,
      MD5OfBody,
      MessageAttributes,
      Attributes,
    })
    return { MessageId, MD5OfMessageBody: MD5OfBody }
  }

  /** From now on nobody waits here. */
  wake(): void {
    this.#isAwake = true
    for (const wake of this.#waiting.splice(0)) wake()
  }

  async receive(most: number, waitSeconds: number): Promise<object> {
    if (this.#taken === this.#visible.length && waitSeconds > 0 && !this.#isAwake) await this.#arrival(waitSeconds)
    const Messages = this.#visible.slice(this.#taken, this.#taken + most)
    this.#taken += Messages.length
    for (const message of Messages) this.#held.set(message.ReceiptHandle, message)
    if (this.#taken > 1000) {
      this.#visible = this.#visible.slice(this.#taken)
      this.#taken = 0
    }
    return { Messages }
  }

  delete(receipt = ''): object {
    this.#held.delete(receipt)
    return {}
  }

  /** What is given back at once is there again; no bench gives anything back for later. */
  extend({ ReceiptHandle = '', VisibilityTimeout }: Given): object {
    const message = this.#held.get(ReceiptHandle)
    if (message && VisibilityTimeout === 0) {
      this.#held.delete(ReceiptHandle)
      this.#show(message)
    }
    return {}
  }

  #show(message: Message): void {
    this.#visible.push(message)
    this.#waiting.shift()?.()
  }

  #arrival(waitSeconds: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(wake), 1)
        resolve()
      }, waitSeconds * 1000)
      this.#waiting.push(wake)
    })
  }
}
