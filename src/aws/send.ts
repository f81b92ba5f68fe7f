import { SendMessageCommand } from '@aws-sdk/client-sqs'
import type { MessageAttributeValue } from '@aws-sdk/client-sqs'
import type { Cancellable, OutgoingMessage } from '../backend.ts'
import type { AddressedQueue } from './addressed-queue.ts'
import { call } from './call.ts'

/** Sends one message. When an answer is lost the SDK sends again: there may be two, of which the second does no harm. */
export async function send(queue: AddressedQueue, message: OutgoingMessage, options: Cancellable): Promise<void> {
  options.signal?.throwIfAborted()
  const command = new SendMessageCommand({ QueueUrl: await queue.url, ...entryFrom(message) })
  await call(queue.doing('SendMessage'), options, (http) => queue.sqs.send(command, http))
}

function entryFrom({ body, attributes = {}, delaySeconds = 0, group }: OutgoingMessage) {
  const named = Object.entries(attributes).map(([name, value]) => [name, attributeFrom(value)] as const)
  return {
    MessageBody: body,
    ...(named.length === 0 ? {} : { MessageAttributes: Object.fromEntries(named) }),
    ...(delaySeconds === 0 ? {} : { DelaySeconds: delaySeconds }),
    ...(group === undefined ? {} : { MessageGroupId: group }),
  }
}

const attributeFrom = (StringValue: string): MessageAttributeValue => ({ DataType: 'String', StringValue })
