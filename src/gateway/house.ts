import type { GatewayOptions } from './gateway-options.ts'
import { OpenQueues } from './open-queues.ts'

/** What every route works with. */
export interface House {
  readonly options: GatewayOptions
  readonly queues: OpenQueues
  /** Aborts when the gateway closes: what waits ends then. */
  readonly closing: AbortSignal
  /** Tells whoever runs the gateway of what callers are not told. */
  report(error: unknown): void
}

/** A house with nothing open yet, and its end. */
export function houseOf(options: GatewayOptions): House & { close(): Promise<void> } {
  const queues = new OpenQueues(options)
  const closing = new AbortController()
  const warn = (error: unknown): void => process.emitWarning(error instanceof Error ? error : String(error))
  return {
    options,
    queues,
    closing: closing.signal,
    report: options.onError ?? warn,
    async close() {
      closing.abort()
      await queues.close()
    },
  }
}
