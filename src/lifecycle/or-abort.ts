import { onAbort } from '../on-abort.ts'

/**
 * What `promise` comes to, unless the signal aborts first: then it rejects with the signal's reason at once.
 * @param late What happens to a value that comes when nobody waits for it any more
 */
export function orAbort<Value>(
  promise: Promise<Value>,
  signal: AbortSignal | undefined,
  late: (value: Value) => unknown = () => {},
): Promise<Value> {
  if (!signal) return promise
  const { promise: outcome, resolve, reject } = Promise.withResolvers<Value>()
  const leave = onAbort(signal, () => reject(signal.reason))
  const settle = async (): Promise<void> => {
    try {
      const value = await promise
      if (signal.aborted) await late(value)
      else resolve(value)
    } catch (error) {
      reject(error)
    } finally {
      leave()
    }
  }
  void settle()
  return outcome
}
