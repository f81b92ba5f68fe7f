import { ReceiveMessageCommand } from '@aws-sdk/client-sqs'
import type { Message } from '@aws-sdk/client-sqs'
import type { Delivery, ReceiveOptions } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import type { AddressedQueue } from './addressed-queue.ts'
import { call } from './call.ts'

/**
 * Takes messages. `stop` is left alone: a long poll that is cut off may be handed messages that nobody then sees until their
 * lease is over, so the last one is let finish.
 */
export async function receive(queue: AddressedQueue, options: ReceiveOptions): Promise<readonly Delivery[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: await queue.url,
    MaxNumberOfMessages: options.max,
    WaitTimeSeconds: options.waitSeconds,
    VisibilityTimeout: options.leaseSeconds,
    MessageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp'],
    MessageAttributeNames: ['All'],
  })
  const { Messages = [] } = await call(queue.doing('ReceiveMessage'), {}, (http) => queue.polls.send(command, http))
  return Messages.map((message) => deliveryFrom(message, queue))
}

/** @throws RemoteJobError `UNSUPPORTED` where nobody counts deliveries: attempts would never end */
function deliveryFrom(message: Message, queue: AddressedQueue): Delivery {
  const { MessageId = '', ReceiptHandle = '', Body = '', Attributes = {} } = message
  const receiveCount = wholeFrom(Attributes.ApproximateReceiveCount)
  if (receiveCount === undefined) {
    throw new RemoteJobError(
      'UNSUPPORTED',
      `The server of queue "${queue.name}" does not say how often a message was received (MessageSystemAttributeNames)`,
    )
  }
  const sentAt = new Date(wholeFrom(Attributes.SentTimestamp) ?? Date.now())
  return {
    messageId: MessageId,
    receipt: ReceiptHandle,
    body: Body,
    attributes: attributesFrom(message),
    receiveCount,
    sentAt,
  }
}

/** Attributes of text; those of bytes are never ours. */
function attributesFrom({ MessageAttributes = {} }: Message): Record<string, string> {
  const texts = Object.entries(MessageAttributes).flatMap(([name, { StringValue }]) =>
    StringValue === undefined ? [] : [[name, StringValue] as const],
  )
  return Object.fromEntries(texts)
}

function wholeFrom(text: string | undefined): number | undefined {
  const value = Number(text)
  return text !== undefined && Number.isSafeInteger(value) ? value : undefined
}
