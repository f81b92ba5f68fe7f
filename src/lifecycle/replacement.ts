import type { MessageQueue } from '../backend.ts'
import { maxDelaySeconds } from '../options.ts'
import type { JobMessage } from '../protocol/message.ts'

/** What is sent again: the body goes word for word. */
export interface Original {
  readonly queue: MessageQueue
  readonly body: string
  readonly message: Pick<JobMessage, 'id' | 'group'>
}

/** What a replacement says on its envelope. */
export interface Envelope {
  /** Deliveries that count, over all messages that stood for the job before. */
  readonly base: number
  /** The mark of the worker that has the job without a message: whoever receives this looks for its sign of life first. */
  readonly owner?: string | undefined
  /** Whether whoever receives it looks for anybody's sign of life first. @default false */
  readonly again?: boolean | undefined
  /** Whole seconds until it comes. @default 900, the longest that SQS knows: it comes to look, and hurries nobody */
  readonly delaySeconds?: number | undefined
}

/** Sends a new message that stands for the same job. The id is written on it since a message of remotejob 2 has none but its own. */
export async function sendReplacement(
  { queue, body, message }: Original,
  { base, owner, again = false, delaySeconds = maxDelaySeconds }: Envelope,
): Promise<void> {
  const marks = { ...(owner !== undefined && { owner }), ...(again && { again: 'true' }) }
  const attributes = { id: message.id, base: String(base), ...marks }
  await queue.send({ body, attributes, delaySeconds, group: message.group })
}
