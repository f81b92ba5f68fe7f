import type { Administration } from '../administration.ts'
import type { Backend, Cancellable } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import { backendFor } from '../lifecycle/open.ts'
import type { QueueOptions } from '../lifecycle/settings.ts'

/** Where a queue is, in the words of a `Queue`'s options, and a `signal` that ends the call early with its reason. */
export interface AdminOptions extends Omit<QueueOptions<unknown, unknown>, 'metadata' | 'provision'>, Cancellable {}

/** A backend and its administration, for as long as one call needs them. */
export interface Desk {
  readonly backend: Backend
  readonly administration: Administration
}

/**
 * Does something with the administration of the backend that the options lead to, and lets go of it at the end.
 * @throws RemoteJobError `UNSUPPORTED` for a backend that has none
 */
export async function administer<Result>(
  options: AdminOptions,
  work: (desk: Desk) => Promise<Result>,
): Promise<Result> {
  options.signal?.throwIfAborted()
  const backend = await backendFor(options)
  const administration = await backend.administration?.()
  if (!administration) {
    throw new RemoteJobError('UNSUPPORTED', 'The `backend` that was given has no administration: use its own tools')
  }
  try {
    return await work({ backend, administration })
  } finally {
    await administration.close()
  }
}
