import { ChangeMessageVisibilityBatchCommand, ChangeMessageVisibilityCommand } from '@aws-sdk/client-sqs'
import type { AddressedQueue } from './addressed-queue.ts'
import { fatesFrom, numbered } from './batch.ts'
import { Batcher } from './batcher.ts'
import { call } from './call.ts'
import { fromAws } from './errors.ts'

/** When a delivered message is to be visible again. */
export interface Extension {
  readonly receipt: string
  readonly seconds: number
}

/** Sets when messages become visible again, those of one moment together. */
export function extender(queue: AddressedQueue): Batcher<Extension> {
  return new Batcher({
    async send(extensions) {
      const [first, ...more] = extensions
      if (!first) return []
      if (more.length === 0) return [await extendOne(queue, first)]
      const command = new ChangeMessageVisibilityBatchCommand({
        QueueUrl: await queue.url,
        Entries: numbered(extensions.map(entryFrom)),
      })
      const doing = queue.doing('ChangeMessageVisibility')
      const answer = await call(doing, {}, (http) => queue.sqs.send(command, http))
      const again = async (index: number): Promise<void> => extendOne(queue, extensions[index] ?? first)
      return fatesFrom(answer, extensions.length, again, (error) => fromAws(error, doing))
    },
  })
}

async function extendOne(queue: AddressedQueue, extension: Extension): Promise<undefined> {
  const command = new ChangeMessageVisibilityCommand({ QueueUrl: await queue.url, ...entryFrom(extension) })
  await call(queue.doing('ChangeMessageVisibility'), {}, (http) => queue.sqs.send(command, http))
}

const entryFrom = ({ receipt, seconds }: Extension) => ({ ReceiptHandle: receipt, VisibilityTimeout: seconds })
