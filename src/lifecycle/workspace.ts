import type { Delivery, MessageQueue, ObjectStore } from '../backend.ts'
import type { ObjectEvents } from '../object-events.ts'
import type { Reading } from '../protocol/delivery.ts'
import type { JsonObject } from '../protocol/json.ts'
import type { Home } from '../protocol/foreign.ts'
import type { Mailbox } from './mailbox.ts'
import type { Replies } from './replies.ts'

/** How much a queue writes down: everything, results only, or nothing. */
export type Records = 'all' | 'results' | 'none'

/** What every step of a job's life works on: one queue, opened. Metadata is typed outside and erased in here. */
export interface Workspace {
  readonly name: string
  readonly home: Home
  readonly records: Records
  readonly leaseSeconds: number
  readonly attempts: number
  /** Days that inputs are kept, where the queue was told so. */
  readonly retentionDays: number | undefined
  /** Receives of one message after which SQS takes it away; replaced before that. */
  readonly maxReceives: number
  /** Keys are below the queue's prefix. */
  readonly objects: ObjectStore
  readonly deadLetters: MessageQueue
  /** Where this requester is told of its jobs' ends, with `replies`. */
  readonly mailbox: Mailbox | undefined
  /** Where other requesters are told. */
  readonly replies: Replies
  readonly statuses: readonly string[]
  /** @throws RemoteJobError `UNKNOWN_STATUS` */
  queue(status: string): MessageQueue
  /**
   * What the queue's schema makes of the metadata.
   * @throws RemoteJobError `INVALID_ARGUMENT`
   */
  validate(metadata: JsonObject): Promise<unknown>
  /** The region that the queue is in; empty where there are none. */
  region(): Promise<string>
  /** Aborts when the queue is closed. */
  readonly closing: AbortSignal
  /** Word of what happens to objects. @throws RemoteJobError `UNSUPPORTED` */
  events(): Promise<ObjectEvents>
  /** What S3's notifications are in this queue; otherwise jobs on the objects. `undefined` for all other messages. */
  readonly readNotification?: ((delivery: Delivery) => Promise<Reading | undefined>) | undefined
  /** Tells whoever watches of something that went wrong and disturbs nobody's call. */
  report(error: unknown): void
}
