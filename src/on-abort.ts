/** Who waits for a signal, by signal. */
const waiting = new WeakMap<AbortSignal, Set<() => void>>()

/**
 * Calls `listener` when the signal aborts, at once when it has; the function returned takes it off. Any number may listen: a signal
 * looks through all its listeners for each that comes or goes, so those of hundreds of jobs share one.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  if (signal.aborted) {
    listener()
    return () => {}
  }
  const listeners = waiting.get(signal) ?? shareOf(signal)
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function shareOf(signal: AbortSignal): Set<() => void> {
  const listeners = new Set<() => void>()
  waiting.set(signal, listeners)
  const abort = (): void => {
    for (const listener of listeners) listener()
    listeners.clear()
  }
  signal.addEventListener('abort', abort, { once: true })
  return listeners
}
