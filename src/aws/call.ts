import type { Cancellable } from '../backend.ts'
import { fromAws } from './errors.ts'
import type { Doing } from './permissions.ts'

/** What the SDK's `send` takes beside the command. */
export interface SendOptions {
  readonly abortSignal?: AbortSignal
}

/**
 * Makes one request: `signal` ends it with its own reason (the SDK throws another error), every other failure is translated.
 */
export async function call<Output>(
  doing: Doing,
  { signal }: Cancellable,
  send: (options: SendOptions) => Promise<Output>,
): Promise<Output> {
  signal?.throwIfAborted()
  try {
    return await send(signal ? { abortSignal: signal } : {})
  } catch (error) {
    signal?.throwIfAborted()
    throw fromAws(error, doing)
  }
}
