import { SendMessageBatchCommand, SendMessageCommand } from '@aws-sdk/client-sqs'
import type { MessageAttributeValue } from '@aws-sdk/client-sqs'
import type { OutgoingMessage } from '../backend.ts'
import type { AddressedQueue } from './addressed-queue.ts'
import { numbered, together } from './batch.ts'
import { Batcher } from './batcher.ts'
import { call } from './call.ts'

/** Sends messages, those of one moment together. When an answer is lost the SDK sends again: there may be two, of which the second does no harm. */
export function sender(queue: AddressedQueue): Batcher<OutgoingMessage> {
  const send = together<OutgoingMessage>(queue, 'SendMessage', {
    one: (message) => sendOne(queue, message),
    async many(messages, http) {
      const Entries = numbered(messages.map(entryFrom))
      return queue.sqs.send(new SendMessageBatchCommand({ QueueUrl: await queue.url, Entries }), http)
    },
  })
  return new Batcher({ sizeOf, send })
}

async function sendOne(queue: AddressedQueue, message: OutgoingMessage): Promise<void> {
  const command = new SendMessageCommand({ QueueUrl: await queue.url, ...entryFrom(message) })
  await call(queue.doing('SendMessage'), {}, (http) => queue.sqs.send(command, http))
}

/** What SQS counts: the body and its attributes' names, types and values. */
function sizeOf({ body, attributes = {} }: OutgoingMessage): number {
  const named = Object.entries(attributes).map(
    ([name, value]) => Buffer.byteLength(name) + Buffer.byteLength(value) + 'String'.length,
  )
  return named.reduce((sum, bytes) => sum + bytes, Buffer.byteLength(body))
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
