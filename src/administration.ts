import type { Cancellable, Place } from './backend.ts'

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
  /** What `OpenBackend.ready` would find and make. Nothing is made or changed. */
  provisionPlan(place: Place, options?: Cancellable): Promise<readonly ProvisionStep[]>
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

/** One thing that provisioning makes, changes or leaves. */
export interface ProvisionStep {
  readonly kind: 'directory' | 'bucket' | 'uploads rule' | 'conditional writes' | 'queue' | 'dead-letter policy'
  /** Of the directory, the bucket or the queue. */
  readonly name: string
  /** `try` is for what shows only when it is done. */
  readonly action: 'create' | 'change' | 'keep' | 'try'
  /** What it is made with, in the backend's own words. */
  readonly settings: Readonly<Record<string, string>>
  /** Where what is there is otherwise. With `keep` it stays so: somebody chose it, or nobody may look. */
  readonly differences: readonly Difference[]
}

/** A setting that is otherwise than it would be made. */
export interface Difference {
  readonly setting: string
  readonly found: string
  readonly wanted: string
}
