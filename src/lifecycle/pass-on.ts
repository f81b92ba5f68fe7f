import type { MessageQueue } from '../backend.ts'
import type { Candidate } from './leave.ts'
import { sendReplacement } from './replacement.ts'

/** Most seconds that a job rests which nobody took yet. */
const longestRest = 300

/**
 * Leaves a job to other workers. It goes on as a new message, since such a look counts as no delivery and leaves nothing behind. It
 * rests for a quarter of its age: soon after its submission the right worker gets it within seconds, and one that no worker takes
 * costs a look every five minutes.
 */
export async function passOn(
  queue: MessageQueue,
  { message, delivery, base, owner, isResent }: Candidate,
): Promise<undefined> {
  const { body, receipt, receiveCount, sentAt } = delivery
  const age = (Date.now() - (message.submittedAt ?? sentAt.getTime())) / 1000
  const delaySeconds = Math.min(longestRest, Math.max(1, Math.round(age / 4)))
  await sendReplacement(
    { queue, body, message },
    { base: base + receiveCount - 1, owner, again: isResent, delaySeconds },
  )
  await queue.delete(receipt)
}
