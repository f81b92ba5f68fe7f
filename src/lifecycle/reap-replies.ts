import type { Cancellable } from '../backend.ts'
import { replyKey } from '../protocol/keys.ts'
import { isReplyQueueName } from '../protocol/names.ts'
import { objectsBelow } from './objects-below.ts'
import type { Workspace } from './workspace.ts'

/** Milliseconds. A requester that lives gives a sign every hour. */
const leftAfter = 24 * 3_600_000

/** Removes reply queues whose requesters ended without doing it. */
export async function reapReplies(w: Workspace, options: Cancellable): Promise<void> {
  for await (const [name, modified] of objectsBelow(w, replyKey(''), options)) {
    // Queues that share a bucket have theirs side by side.
    if (!isReplyQueueName(w.name, name) || Date.now() - modified.getTime() < leftAfter) continue
    try {
      await w.replies.discard(name)
      await w.objects.delete(replyKey(name), options)
    } catch (error) {
      options.signal?.throwIfAborted()
      // Whoever may not do it leaves it to others, and tidies up the rest.
      w.report(error)
    }
  }
}
