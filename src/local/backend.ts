import { resolve } from 'node:path'
import type { Backend } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import { LocalPlace } from './place.ts'

export interface LocalBackendOptions {
  /**
   * Where everything is kept; made when it is missing. On a local disk: any number of processes of one machine may
   * share it, several machines may not.
   */
  readonly directory: string
  /**
   * Whether what was acknowledged survives a power cut (each commit waits for the disk), and not only the death of any
   * process; else a power cut may cost the last second.
   * @default true
   */
  readonly fsync?: boolean
}

/**
 * Keeps objects and messages in a directory of this machine: nothing to install, nothing that listens on a port.
 * Does no I/O before first use.
 * @throws RemoteJobError `INVALID_ARGUMENT`
 */
export function localBackend({ directory, fsync = true }: LocalBackendOptions): Backend {
  if (typeof directory !== 'string' || directory === '') throw invalid('`directory` to be a path', directory)
  if (typeof fsync !== 'boolean') throw invalid('`fsync` to be true or false', fsync)
  // Now, since the process may change its working directory later.
  const path = resolve(directory)
  return {
    open: (place) => new LocalPlace(path, fsync, place),
    administration: async () => {
      const { LocalAdministration } = await import('./administration/administration.ts')
      return new LocalAdministration(path, fsync)
    },
  }
}

function invalid(expectation: string, value: unknown): RemoteJobError {
  return new RemoteJobError('INVALID_ARGUMENT', `Expected ${expectation}, got ${JSON.stringify(value)}`)
}
