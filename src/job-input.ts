import type { Cancellable } from './backend.ts'
import type { Body } from './body.ts'
import { isRemoteJobError, RemoteJobError } from './errors.ts'

/** What a requester submits or stores: metadata of its own, and beside it the body and where to keep it. */
export type JobInput<Input> = Input & {
  /** Key to store the body under, below the queue's prefix; without a body, the key of what is stored already. @default a key of the library's own */
  readonly key?: string | undefined
  /** The bytes, of any size; the length of a stream need not be known. @default nothing */
  readonly body?: Body | undefined
}

/** How many jobs are sent. */
export interface SubmitManyOptions extends Cancellable {
  /** Jobs being sent at the same time, from 1 to 10000. @default 50 */
  readonly concurrency?: number | undefined
}

/** Whether one of many jobs came with options of its own. */
export function isPair<First, Second>(value: First | readonly [First, Second]): value is readonly [First, Second] {
  return Array.isArray(value)
}

/** Says of an error which of many jobs it is about. */
export function blame(index: number, error: unknown): never {
  if (!isRemoteJobError(error)) throw error
  throw new RemoteJobError(error.code, `Job ${index} of submitMany: ${error.message}`, { cause: error })
}
