import { setTimeout as sleep } from 'node:timers/promises'
import { RemoteJobError } from '../errors.ts'
import { isBusy } from './errors.ts'

/** How long to try for. A commit takes a millisecond; who holds the lock this long has stopped, or makes a backup. */
const patienceSeconds = 30
/** Milliseconds between two tries, at most. */
const longestPause = 20

export interface PatienceOptions {
  readonly signal?: AbortSignal | undefined
  /** @default 30 */
  readonly seconds?: number
}

/**
 * Runs `work`, again and again while another connection holds the lock that it needs. The waiting is done here and not
 * in SQLite, whose waiting stops the event loop, and with it every heartbeat.
 * @throws RemoteJobError `UNAVAILABLE` after 30 seconds
 */
export async function whileBusy<T>(work: () => T, path: string, options: PatienceOptions = {}): Promise<T> {
  const { seconds = patienceSeconds, signal } = options
  const end = performance.now() + seconds * 1000
  for (let pause = 1; ; pause = Math.min(2 * pause, longestPause)) {
    signal?.throwIfAborted()
    try {
      return work()
    } catch (error) {
      if (!isBusy(error)) throw error
      if (performance.now() > end) throw stillBusy(path, seconds, error)
    }
    await sleep(1 + Math.random() * pause, undefined, { ...(signal && { signal }) }).catch(() =>
      signal?.throwIfAborted(),
    )
  }
}

function stillBusy(path: string, seconds: number, cause: unknown): RemoteJobError {
  const message = `The local store at ${path} has been locked for ${seconds} seconds: another process holds a transaction open (a stopped process, a database shell, a backup); end it and try again`
  return new RemoteJobError('UNAVAILABLE', message, { cause })
}
