import type { Cancellable } from '../backend.ts'
import { maxDelaySeconds } from '../options.ts'
import { formatMessage, type Input, type JobMessage, messageFrom } from '../protocol/message.ts'
import type { JobRequest } from '../protocol/request.ts'
import { isFar, setTimer } from './timer.ts'
import type { Workspace } from './workspace.ts'

/** A job on its way: its id, and the key of its input. */
export interface Ticket {
  readonly id: string
  readonly key: string
}

/**
 * Announces a job to the workers, or where its time is further off than a message can wait, leaves that to a scheduler. What a worker
 * needs to know rides in the message.
 */
export async function send(
  w: Workspace,
  id: string,
  request: JobRequest,
  input: Input,
  spilled?: string,
  options?: Cancellable,
): Promise<void> {
  if (isFar(request.notBefore)) return setTimer(w, id, request, options)
  const replyTo = await w.mailbox?.addressFor(id)
  const message = { ...messageFrom(id, request, input, spilled), replyTo }
  await w
    .queue(request.status ?? 'pending')
    .send({ body: formatMessage(message), delaySeconds: delayOf(request), group: request.group }, options)
}

/** Sends a message on, e.g. one of several that came in one. */
export async function sendMessage(w: Workspace, status: string, message: JobMessage): Promise<void> {
  await w.queue(status).send({ body: formatMessage(message), group: message.group })
}

/** What is left of the requested delay: the upload may have used it up. */
function delayOf({ notBefore }: JobRequest): number {
  if (notBefore === undefined) return 0
  return Math.min(maxDelaySeconds, Math.max(0, Math.ceil((notBefore - Date.now()) / 1000)))
}
