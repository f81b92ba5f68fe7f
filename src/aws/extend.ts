import { ChangeMessageVisibilityBatchCommand, ChangeMessageVisibilityCommand } from '@aws-sdk/client-sqs'
import type { AddressedQueue } from './addressed-queue.ts'
import { numbered, together } from './batch.ts'
import { Batcher } from './batcher.ts'
import { call } from './call.ts'

/** When a delivered message is to be visible again. */
export interface Extension {
  readonly receipt: string
  readonly seconds: number
}

/** Sets when messages become visible again, those of one moment together. */
export function extender(queue: AddressedQueue): Batcher<Extension> {
  const send = together<Extension>(queue, 'ChangeMessageVisibility', {
    one: (extension) => extendOne(queue, extension),
    async many(extensions, http) {
      const Entries = numbered(extensions.map(entryFrom))
      return queue.sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: await queue.url, Entries }), http)
    },
  })
  return new Batcher({ send })
}

async function extendOne(queue: AddressedQueue, extension: Extension): Promise<void> {
  const command = new ChangeMessageVisibilityCommand({ QueueUrl: await queue.url, ...entryFrom(extension) })
  await call(queue.doing('ChangeMessageVisibility'), {}, (http) => queue.sqs.send(command, http))
}

const entryFrom = ({ receipt, seconds }: Extension) => ({ ReceiptHandle: receipt, VisibilityTimeout: seconds })
