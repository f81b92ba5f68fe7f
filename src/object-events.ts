import type { Cancellable, ObjectInfo } from './backend.ts'

/** Which events of a bucket's objects are wanted. Prefix and suffix are plain text; an empty one fits every key. */
export interface EventFilter {
  readonly eventType: 'write' | 'delete' | 'all'
  readonly prefix: string
  readonly suffix: string
}

/** Word of what is written to and deleted from buckets, any bucket of the same account and region, on a message queue. */
export interface ObjectEvents {
  /**
   * Makes a bucket tell a queue of what fits one of the filters, as S3 event notifications, and of nothing else; without filters of
   * nothing at all. What others are told by that bucket stays. What is told already may be told again.
   * @throws RemoteJobError `NOT_FOUND`, `ACCESS_DENIED`, `WRONG_REGION`, `UNSUPPORTED`, `INVALID_ARGUMENT`, `UNAVAILABLE`
   */
  route(bucket: string, queue: string, filters: readonly EventFilter[], options?: Cancellable): Promise<void>
  /** Whether that is so already. Throws the same. */
  isRouted(bucket: string, queue: string, filters: readonly EventFilter[], options?: Cancellable): Promise<boolean>
  /** What is known of an object in any bucket. */
  head(bucket: string, key: string, options?: Cancellable): Promise<ObjectInfo | undefined>
}
