import { randomUUID } from 'node:crypto'
import type { MessageQueue } from '../backend.ts'
import type { JobMessage } from '../protocol/message.ts'

/** One delivery of a job, in the hands of one worker. */
export interface Held {
  readonly message: JobMessage
  /** What the queue's schema made of the message's metadata. */
  readonly metadata: unknown
  readonly status: string
  /** Where it came from, and where it goes when given back. */
  readonly queue: MessageQueue
  readonly receipt: string
  readonly body: string
  readonly receiveCount: number
  /** Which delivery of the job this is, from 1, over all messages that stood for it. */
  readonly delivery: number
  /** Which try this is, from 1: a delivery that was given back unstarted does not count. */
  readonly attempt: number
  readonly attempts: number
  /** This delivery's mark on all it writes. */
  readonly nonce: string
  /** When it came, in milliseconds since 1970. */
  readonly receivedAt: number
  readonly leaseSeconds: number
}

/** A mark that no other delivery has. */
export function newNonce(): string {
  // Node keeps a store of UUIDs; single random bytes it would fetch for every job.
  return randomUUID().replaceAll('-', '').slice(16)
}

/** What a job tells the worker that has it. */
export interface JobHooks {
  /** Takes care of work that nobody waits for. */
  readonly afterwards?: (work: Promise<void>) => void
  /** Its lease was renewed. */
  readonly heartbeat?: () => void
}
