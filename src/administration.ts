import type { Cancellable } from './backend.ts'

/**
 * What those who look after queues ask of a backend, beside what jobs ask of it. It is loaded only for them: a `Queue` does without.
 */
export interface Administration {
  /** Whether counts are estimates. */
  readonly isApproximate: boolean
  /** The full names of all message queues there, those of others included. */
  queueNames(options?: Cancellable): Promise<readonly string[]>
  /** What a message queue holds, or `undefined` where there is none of that name. */
  counts(queue: string, options?: Cancellable): Promise<MessageCounts | undefined>
  /** Lets go of what is held. Nothing may be called afterwards. */
  close(): Promise<void>
}

/** The messages of one queue at this moment; SQS counts them approximately. */
export interface MessageCounts {
  /** Messages that could be received now. */
  readonly waiting: number
  /** Messages whose delay is not over. */
  readonly delayed: number
  /** Messages that were received and neither deleted nor given back. */
  readonly inFlight: number
  /** When the oldest of those that wait was sent; `undefined` where none waits, or where the backend cannot tell. */
  readonly oldestWaiting: Date | undefined
}
