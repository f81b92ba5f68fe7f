import { SendMessageBatchCommand, SendMessageCommand } from '@aws-sdk/client-sqs'
import type { MessageAttributeValue } from '@aws-sdk/client-sqs'
import type { OutgoingMessage } from '../backend.ts'
import type { AddressedQueue } from './addressed-queue.ts'
import { fatesFrom, numbered } from './batch.ts'
import { Batcher } from './batcher.ts'
import { call } from './call.ts'
import { fromAws } from './errors.ts'

/** Sends messages, those of one moment together. When an answer is lost the SDK sends again: there may be two, of which the second does no harm. */
export function sender(queue: AddressedQueue): Batcher<OutgoingMessage> {
  return new Batcher({
    sizeOf,
    async send(messages) {
      const [first, ...more] = messages
      if (!first) return []
      if (more.length === 0) return [await sendOne(queue, first)]
      const entries = numbered(messages.map(entryFrom))
      const command = new SendMessageBatchCommand({ QueueUrl: await queue.url, Entries: entries })
      const doing = queue.doing('SendMessage')
      const answer = await call(doing, {}, (http) => queue.sqs.send(command, http))
      const again = async (index: number): Promise<void> => sendOne(queue, messages[index] ?? first)
      return fatesFrom(answer, messages.length, again, (error) => fromAws(error, doing))
    },
  })
}

async function sendOne(queue: AddressedQueue, message: OutgoingMessage): Promise<undefined> {
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
