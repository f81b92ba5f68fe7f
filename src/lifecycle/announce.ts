import { formatMessage, type JobMessage } from '../protocol/message.ts'
import { formatRecord, type ResultRecord } from '../protocol/record.ts'
import { reply } from './reply.ts'
import type { Workspace } from './workspace.ts'

/**
 * Most bytes of a record that ride in its announcement: SQS bills a batch by 64 KiB, and ten such messages are one batch.
 * A larger one is read when it is asked for.
 */
const maxRidingBytes = 4096

/** Tells whoever listens on the status queues that a job has ended, and the requester that asked for it. */
export async function announce(w: Workspace, job: JobMessage, record: ResultRecord): Promise<void> {
  await Promise.all([tellStatus(w, job, record), reply(w, job, record)])
}

/** A queue without that status tells nobody. */
async function tellStatus(w: Workspace, job: JobMessage, record: ResultRecord): Promise<void> {
  const status = record.status === 'completed' ? 'completed' : 'failed'
  if (!w.statuses.includes(status)) return
  const rides = w.records === 'none' || Buffer.byteLength(formatRecord(record)) <= maxRidingBytes
  const finished = { status: record.status, attempt: record.attempt, record: rides ? record : undefined }
  // Metadata that was too large for the job's message is too large for this one: it is read again from its object.
  const metadata = job.spilled === undefined ? job.metadata : {}
  await w
    .queue(status)
    .send({ body: formatMessage({ ...job, metadata, replyTo: undefined, finished }), group: job.group })
}
