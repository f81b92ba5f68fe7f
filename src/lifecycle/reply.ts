import { hasCode } from '../errors.ts'
import { formatMessage, type JobMessage, messageVersion } from '../protocol/message.ts'
import { isReplyQueueName } from '../protocol/names.ts'
import type { ResultRecord } from '../protocol/record.ts'
import type { Workspace } from './workspace.ts'

/**
 * Tells the requester of a job, where it asked for that. A hint that is lost costs the requester time, so a failure disturbs nobody's
 * job; but where no record is written the reply is the result, so the job comes back when it could not be sent just now.
 */
export async function reply(w: Workspace, { id, replyTo }: JobMessage, record: ResultRecord): Promise<void> {
  if (!isReplyQueueName(w.name, replyTo)) return
  const { status, attempt } = record
  const finished = { status, attempt, record: w.records === 'none' ? record : undefined }
  try {
    await w.replies.send(replyTo, formatMessage({ v: messageVersion, id, metadata: {}, finished }))
  } catch (error) {
    if (w.records === 'none' && hasCode(error, 'UNAVAILABLE')) throw error
    w.report(error)
  }
}
