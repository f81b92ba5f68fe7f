import { setTimeout as sleep } from 'node:timers/promises'
import { RemoteJobError } from '../errors.ts'
import { isBusy } from './errors.ts'

/** Milliseconds to try for. A commit takes one; who holds the lock this long has stopped, or writes a backup. */
const patience = 30_000
/** Milliseconds between two tries, at most. */
const longestPause = 50

/**
 * Runs `work`, again and again while another connection holds the lock that it needs. The waiting is done here and not
 * in SQLite, whose waiting stops the event loop, and with it every heartbeat.
 * @throws RemoteJobError `UNAVAILABLE` after 30 seconds
 */
export async function whileBusy<T>(work: () => T, path: string, signal?: AbortSignal): Promise<T> {
  const began = Date.now()
  for (let pause = 1; ; pause = Math.min(2 * pause, longestPause)) {
    signal?.throwIfAborted()
    try {
      return work()
    } catch (error) {
      if (!isBusy(error)) throw error
      if (Date.now() - began > patience) throw stillBusy(path, error)
    }
    await sleep(1 + Math.random() * pause, undefined, { ...(signal && { signal }) }).catch(() =>
      signal?.throwIfAborted(),
    )
  }
}

function stillBusy(path: string, cause: unknown): RemoteJobError {
  const message = `The local store at ${path} has been locked for ${patience / 1000} seconds: another process holds a transaction open (a stopped process, a database shell, a backup); end it and try again`
  return new RemoteJobError('UNAVAILABLE', message, { cause })
}
