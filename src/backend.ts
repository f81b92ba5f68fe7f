import type { Readable } from 'node:stream'
import type { Expiry } from './protocol/retention.ts'
import type { Administration } from './administration.ts'
import type { ObjectEvents } from './object-events.ts'

/**
 * The seam: all that the job protocol asks of a place that keeps objects and carries messages.
 * `aws/` (S3 and SQS) and `local/` (files and SQLite) implement it and pass one contract suite.
 */
export interface Backend {
  /** Binds this backend to one queue's names. Does no I/O. */
  open(place: Place): OpenBackend
  /** What those ask for who look after queues; loaded at the first call. A backend may do without. */
  administration?(): Promise<Administration>
}

/** The names and settings that one `Queue` asks its backend to serve; checked before they come here. */
export interface Place {
  readonly bucket: string
  /** Every status's queue name, e.g. `pending` → `thumbs-pending`. */
  readonly queues: ReadonlyMap<string, string>
  /** Where messages of the `pending` queue go that were received too often, and poison of every queue. */
  readonly deadLetterQueue: string
  /** The queue whose messages are moved to the dead-letter queue. */
  readonly pendingQueue: string | undefined
  /** Receives of one message after which the next receive moves it to the dead-letter queue. An existing lower limit is raised, a higher one is kept. */
  readonly maxReceives: number
  /** Default visibility timeout of the queues that are made, in seconds. */
  readonly leaseSeconds: number
  /** `auto` makes what is missing, `never` only uses what is there. */
  readonly provision: 'auto' | 'never'
  /** Objects that go by themselves. What was asked for before stays where this says nothing. */
  readonly expiries?: readonly Expiry[] | undefined
}

/** A backend bound to one queue's names. */
export interface OpenBackend {
  readonly objects: ObjectStore
  /**
   * The message queue of that full name: one of `Place.queues`, the dead-letter queue, or one of `addQueue`, which the caller keeps at
   * hand. Does no I/O.
   */
  queue(name: string): MessageQueue
  /** Makes a message queue beside those of the place, for one process and its while: it keeps a message for a day. */
  addQueue(name: string): Promise<void>
  /** Removes such a queue with all that is in it; an absent one is no error. */
  removeQueue(name: string): Promise<void>
  /** Word of what happens to objects; loaded at the first call. A backend may do without. */
  events?(): Promise<ObjectEvents>
  /**
   * Makes (`auto`) or finds (`never`) the bucket and queues. After a failure it may be called again.
   * @throws RemoteJobError `ACCESS_DENIED`, `BUCKET_TAKEN`, `WRONG_REGION`, `NO_CREDENTIALS`, `NOT_FOUND`, `UNAVAILABLE`, `CONDITIONAL_WRITES_IGNORED`
   */
  ready(): Promise<void>
  /** Where all of it is, such as `eu-central-1`; a backend may have no regions. */
  region?(): Promise<string>
  /** Lets go of what is held (sockets, files). Nothing may be called afterwards. */
  close(): Promise<void>
}

export interface Cancellable {
  /** Ends the call early: the promise rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined
}

/** Objects by key, strongly consistent. A missing object is `undefined`, never an error. */
export interface ObjectStore {
  /**
   * Writes a whole object. Nothing of it can be seen until all of its bytes are stored; a body that fails leaves nothing.
   * A stream is read once and is destroyed when the write fails.
   */
  put(key: string, body: Uint8Array | Readable, options?: PutOptions): Promise<Written>
  /**
   * Writes an object unless the key is taken; of any number of concurrent calls exactly one gets `Written`, the others `undefined`.
   */
  putIfAbsent(key: string, body: Uint8Array, options?: Omit<PutOptions, 'size'>): Promise<Written | undefined>
  /** @throws RemoteJobError `INPUT_CHANGED` when `etag` is given and is not the object's. */
  get(key: string, options?: GetOptions): Promise<ObjectReading | undefined>
  head(key: string, options?: Cancellable): Promise<ObjectInfo | undefined>
  /** Removes an object; an absent one is no error. */
  delete(key: string, options?: Cancellable): Promise<void>
  /** One page of the keys that begin with `prefix`, in ascending order of their UTF-8 bytes. */
  list(prefix: string, options?: ListOptions): Promise<ListPage>
  /**
   * One write of an object that is not there yet, by somebody without keys: it is what `put` with the same options would have written.
   * A store may do without.
   */
  presignPut?(key: string, options: PresignPutOptions): Promise<Presigned>
  /** Reading an object, by somebody without keys. A store may do without. */
  presignGet?(key: string, options: PresignGetOptions): Promise<Presigned>
}

/** A request that somebody without keys can make until it expires. */
export interface Presigned {
  readonly method: 'GET' | 'PUT'
  readonly url: string
  /** To be sent as they are. */
  readonly headers: Readonly<Record<string, string>>
  readonly expiresAt: Date
}

export interface PresignPutOptions extends Omit<PutOptions, 'signal'> {
  /** Whole seconds, from 1 to 604800. */
  readonly expiresSeconds: number
}

export interface PresignGetOptions {
  /** Whole seconds, from 1 to 604800. */
  readonly expiresSeconds: number
  /** The media type of the answer. @default the object's */
  readonly contentType?: string | undefined
  /** The answer's `Content-Disposition`. @default none */
  readonly disposition?: string | undefined
}

export interface PutOptions extends Cancellable {
  readonly contentType?: string | undefined
  /** One short entry of user metadata (ASCII, at most 2,000 bytes), kept beside the bytes and read back as `note`. */
  readonly note?: string | undefined
  /** The number of bytes of a stream, when known. */
  readonly size?: number | undefined
}

export interface Written {
  /** Opaque version of the object's content. */
  readonly etag: string
  /** Bytes. */
  readonly size: number
}

export interface GetOptions extends Cancellable {
  /** First byte wanted, from 0; the body begins there. */
  readonly from?: number | undefined
  /** Last byte wanted; the body ends with it, or with the object. */
  readonly to?: number | undefined
  /** Reads only this version. */
  readonly etag?: string | undefined
}

export interface ObjectInfo {
  readonly key: string
  readonly etag: string
  /** Bytes of the whole object, also when only a part is read. */
  readonly size: number
  readonly contentType: string | undefined
  readonly note: string | undefined
  /** User metadata written by others (remotejob 2 among them), names in lower case. */
  readonly userMetadata: Readonly<Record<string, string>>
  readonly lastModified: Date
  /** The store's own clock when it answered; ages are `answeredAt - lastModified`. */
  readonly answeredAt: Date
}

export interface ObjectReading extends ObjectInfo {
  /** The bytes; an unread body must be destroyed. */
  readonly body: Readable
}

export interface ListOptions extends Cancellable {
  /** Only keys after this one. */
  readonly after?: string | undefined
  /** Keys at most, from 1 to 1000. @default 1000 */
  readonly limit?: number | undefined
}

export interface ListPage {
  readonly objects: readonly ListedObject[]
  /** Whether more keys follow the last one. */
  readonly more: boolean
  /** The store's own clock when it answered. */
  readonly answeredAt: Date
}

export interface ListedObject {
  readonly key: string
  readonly size: number
  readonly lastModified: Date
}

/** Messages with leases: each is delivered at least once, in no promised order. */
export interface MessageQueue {
  send(message: OutgoingMessage, options?: Cancellable): Promise<void>
  /** Takes up to `max` messages, each invisible to others for `leaseSeconds`; waits up to `waitSeconds` for the first. */
  receive(options: ReceiveOptions): Promise<readonly Delivery[]>
  /** Removes a delivered message. A receipt that is out of date is no error and may remove nothing. */
  delete(receipt: string, options?: DeleteOptions): Promise<void>
  /**
   * Makes a delivered message visible again `seconds` from now (0 to 43200): renews its lease, or gives it back.
   * @throws RemoteJobError `LEASE_LOST` when the message is gone or somebody else's.
   */
  extend(receipt: string, seconds: number, options?: Cancellable): Promise<void>
}

export interface DeleteOptions extends Cancellable {
  /** Nobody waits: the removal may wait this long for others, to share a request with them. @default 0 */
  readonly patienceSeconds?: number | undefined
}

export interface OutgoingMessage {
  readonly body: string
  /** Small text attributes beside the body, ten at most. */
  readonly attributes?: Readonly<Record<string, string>> | undefined
  /** Whole seconds until it can be received, from 0 to 900. @default 0 */
  readonly delaySeconds?: number | undefined
  /** Tenant: where the queue supports it, tenants are served fairly. */
  readonly group?: string | undefined
}

export interface ReceiveOptions {
  /** From 1 to 10. */
  readonly max: number
  /** Whole seconds, from 0 to 20. */
  readonly waitSeconds: number
  /** Whole seconds, from 0 to 43200. */
  readonly leaseSeconds: number
  /** Nobody waits any more: the poll may end early where that strands no message (on SQS it would, so there it goes on). */
  readonly stop?: AbortSignal | undefined
}

/** One hand-over of a message. */
export interface Delivery {
  readonly messageId: string
  /** The token of this hand-over. */
  readonly receipt: string
  readonly body: string
  readonly attributes: Readonly<Record<string, string>>
  /** How often the message was handed over, this time included. */
  readonly receiveCount: number
  readonly sentAt: Date
}
