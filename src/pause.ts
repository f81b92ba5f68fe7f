import { setTimeout as delay } from 'node:timers/promises'

/** Waits so many seconds, or until the signal aborts: whoever aborts it wants no more waiting, and no error. */
export async function pause(seconds: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(seconds * 1000, undefined, signal ? { signal } : {})
  } catch {
    // Aborted.
  }
}
