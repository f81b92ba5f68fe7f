import type { MessageQueue } from '../backend.ts'
import type { JobMessage } from '../protocol/message.ts'
import type { FinalStatus, RecordedError } from '../protocol/record.ts'
import { announce } from './announce.ts'
import { newNonce } from './held.ts'
import { commit } from './result.ts'
import type { Workspace } from './workspace.ts'

/** A message that is to be taken off its queue. */
export interface Taken {
  readonly message: JobMessage
  readonly queue: MessageQueue
  readonly receipt: string
}

/** Ends a job that will not run: its fate, then the word of it, then the message. Whatever fate stands is the one announced. */
export async function endUnrun(
  w: Workspace,
  { message, queue, receipt }: Taken,
  end: { status: FinalStatus; error: RecordedError },
): Promise<void> {
  const record = {
    v: 1,
    id: message.id,
    status: end.status,
    attempt: 0,
    nonce: newNonce(),
    requestHash: message.hash,
    submittedAt: message.submittedAt,
    finishedAt: Date.now(),
    error: end.error,
    assets: [],
  } as const
  const standing = w.records === 'none' ? record : await commit(w, record)
  await announce(w, message, standing)
  await queue.delete(receipt)
}
