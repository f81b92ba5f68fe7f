import type { Cancellable, Place } from './backend.ts'
import type { RemoteJobError } from './errors.ts'

/**
 * What those who look after queues ask of a backend, beside what jobs ask of it. It is loaded only for them: a `Queue` does without.
 */
export interface Administration {
  /** Whether counts are estimates. */
  readonly isApproximate: boolean
  /** The full names of message queues there, those of others included. */
  queueNames(options?: QueueNamesOptions): Promise<readonly string[]>
  /** What a message queue holds, or `undefined` where there is none of that name. */
  counts(queue: string, options?: Cancellable): Promise<MessageCounts | undefined>
  /** What `OpenBackend.ready` would find and make. Nothing is made or changed. */
  provisionPlan(place: Place, options?: Cancellable): Promise<readonly ProvisionStep[]>
  /** What `tearDown` would remove; empty where there is nothing. Nothing is removed. */
  tearDownPlan(estate: Estate, options?: Cancellable): Promise<readonly Removal[]>
  /** Removes what is there of an estate. What cannot be removed is told, and the rest goes all the same. */
  tearDown(estate: Estate, options?: TearDownOptions): Promise<readonly Removed[]>
  /** What can be looked at of a queue, or without one of the place alone. Nothing is asked before a check is run. */
  checks(subject?: Subject): readonly Check[]
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
  readonly kind:
    | 'directory'
    | 'bucket'
    | 'uploads rule'
    | 'retention'
    | 'conditional writes'
    | 'queue'
    | 'dead-letter policy'
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

export interface QueueNamesOptions extends Cancellable {
  /** Only names that begin with this. */
  readonly prefix?: string | undefined
}

/** All that a queue has, and nothing that others have. */
export interface Estate {
  readonly queues: readonly string[]
  /** Queues whose names begin with this are the queue's too. */
  readonly replies: string
  readonly bucket: string
  /** What the keys of the queue's objects begin with; `''` where all objects are its own. */
  readonly prefixes: readonly string[]
  /** Whether the bucket goes too: with all that is in it, when nothing of others is in it, or never. */
  readonly bucketGoes: 'always' | 'when empty' | 'never'
}

/** One thing that goes. */
export interface Removal {
  /**
   * `versions` are older ones and delete markers, in a bucket that keeps them; `uploads` are those that nobody finished; `notifications`
   * are what a bucket, named so, tells a queue of its objects.
   */
  readonly kind: 'notifications' | 'queue' | 'objects' | 'versions' | 'uploads' | 'bucket' | 'directory'
  /** Of the queue, the bucket or the directory. */
  readonly name: string
  /** Messages of a queue (on SQS approximately), objects, versions or uploads; 1 for notifications, a bucket or a directory. */
  readonly count: number
  /** Why it will or may stay, in words. */
  readonly stays?: string | undefined
}

/** The same, afterwards: `count` is what went, and `error` why something is left. */
export interface Removed extends Removal {
  readonly error?: RemoteJobError | undefined
}

export interface TearDownOptions extends Cancellable {
  /** Is told, again and again, how many of a kind have gone. */
  readonly onProgress?: ((kind: Removal['kind'], count: number) => void) | undefined
}

/** The queue that is looked at, and what the permissions of a role let it do. */
export interface Subject {
  readonly place: Place
  /** Empty, or ending in `/`. */
  readonly prefix: string
  readonly grants: readonly Grant[]
}

/** An action on the objects below a folder, on a bucket, or on a queue. */
export interface Grant {
  readonly action: string
  /** Of a key below the bucket, ending in `/`. */
  readonly folder?: string | undefined
  readonly queue?: string | undefined
}

/** One thing to look at. What it throws is what is wrong. */
export interface Check {
  readonly check: string
  /** Whether all others rest on it, and could find nothing but the same where it is wrong. @default false */
  readonly isBasis?: boolean
  readonly run: (options: Cancellable) => Promise<Verdict>
}

/** How something was found. */
export interface Verdict {
  /** `warning` is for what works, but not as it should. */
  readonly ok: true | false | 'warning'
  /** What was found. */
  readonly detail: string
  /** What to do about it; `undefined` when all is well. */
  readonly advice: string | undefined
}

/** What was found, and where. */
export interface Finding extends Verdict {
  readonly check: string
}
