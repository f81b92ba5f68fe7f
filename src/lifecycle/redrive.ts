import type { Cancellable } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import { newId } from '../protocol/id.ts'
import { isJsonObject } from '../protocol/json.ts'
import type { JobMessage } from '../protocol/message.ts'
import type { JobRequest } from '../protocol/request.ts'
import { type DeadDelivery, type DeadLetter, takeDeadLetters } from './dead-letters.ts'
import { readSpilled } from './describe.ts'
import { endUnrun } from './end-unrun.ts'
import { sendStored } from './send-stored.ts'
import type { Workspace } from './workspace.ts'

/** Which dead letters to bring back. */
export interface RedriveOptions extends Cancellable {
  /** Jobs with these ids. */
  readonly ids?: readonly string[] | undefined
  /** Letters for which this answers true. */
  readonly where?: ((letter: DeadLetter) => boolean) | undefined
}

/** A dead letter that was brought back. */
export interface Redriven {
  /** The job that died; `undefined` for a message that is none, which went back as it was. */
  readonly id: string | undefined
  /** The job that was made of it. */
  readonly newId: string | undefined
}

/**
 * Brings dead letters back to `pending`: each as a new job with a new id, since a fate is never rewritten. The old one ends as failed
 * if it had no end.
 */
export async function redrive(w: Workspace, { ids, where, signal }: RedriveOptions): Promise<readonly Redriven[]> {
  if (ids === undefined && where === undefined) {
    throw new RemoteJobError(
      'INVALID_ARGUMENT',
      'Expected redrive({ ids }) or redrive({ where }): to bring all back, say where: () => true',
    )
  }
  const redriven: Redriven[] = []
  for await (const dead of takeDeadLetters(w, { signal })) {
    const { letter } = dead
    const isWanted = (letter.id !== undefined && ids?.includes(letter.id) === true) || where?.(letter) === true
    if (isWanted) redriven.push(await bringBack(w, dead))
  }
  return redriven
}

/** The new message first, then the old one's end: a crash between the two makes another new job, and loses none. */
async function bringBack(w: Workspace, { letter, reading, delivery }: DeadDelivery): Promise<Redriven> {
  if (reading.kind !== 'job') {
    const { reason: _, ...attributes } = delivery.attributes
    await w.queue('pending').send({ body: letter.body, attributes })
    await w.deadLetters.delete(delivery.receipt)
    return { id: undefined, newId: undefined }
  }
  const { message } = reading
  const { id } = await sendStored(w, newId(), { request: await requestFrom(w, message), input: message })
  const error = {
    name: 'RemoteJobError',
    code: 'CRASHED',
    message: `It was delivered ${letter.deliveries} times without an end; job "${id}" tries again`,
  }
  await endUnrun(w, { message, queue: w.deadLetters, receipt: delivery.receipt }, { status: 'failed', error })
  return { id: message.id, newId: id }
}

/** What the message asks for; metadata that was too large for it is where it says. */
async function requestFrom(w: Workspace, message: JobMessage): Promise<JobRequest> {
  const { filename, contentType, attempts = w.attempts, timeoutSeconds, group, hash = '' } = message
  const spilled = message.spilled === undefined ? undefined : (await readSpilled(w, message.spilled))['metadata']
  return {
    metadata: isJsonObject(spilled) ? spilled : message.metadata,
    filename,
    contentType,
    attempts,
    timeoutSeconds,
    group,
    submittedAt: Date.now(),
    hash,
    retryOf: message.id,
  }
}
