import { ReceiveMessageCommand } from '@aws-sdk/client-sqs'
import type { Message } from '@aws-sdk/client-sqs'
import type { Delivery, ReceiveOptions } from '../backend.ts'
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
  return Messages.flatMap(deliveryFrom)
}

/** A message without a receipt could be neither held nor deleted: it is left to its lease. */
function deliveryFrom({ MessageId = '', ReceiptHandle, Body = '', Attributes = {}, ...message }: Message): Delivery[] {
  if (ReceiptHandle === undefined) return []
  return [
    {
      messageId: MessageId,
      receipt: ReceiptHandle,
      body: Body,
      attributes: attributesFrom(message),
      receiveCount: wholeFrom(Attributes.ApproximateReceiveCount) ?? 1,
      sentAt: new Date(wholeFrom(Attributes.SentTimestamp) ?? Date.now()),
    },
  ]
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
