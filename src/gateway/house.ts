import type { GatewayOptions } from './gateway-options.ts'
import { checkedBasePath } from './base-path.ts'
import { Crowd } from './limits/crowd.ts'
import { type Limits, limitsOf } from './limits/limit-options.ts'
import { OpenQueues } from './open-queues.ts'

/** What every route works with. */
export interface House {
  readonly options: GatewayOptions
  /** Where a path of the gateway is: below what it is mounted at. */
  readonly at: (path: string) => string
  readonly queues: OpenQueues
  readonly limits: Limits
  /** The requests that are inside. */
  readonly crowd: Crowd
  /** Aborts when the gateway closes: what waits ends then. */
  readonly closing: AbortSignal
  /** Tells whoever runs the gateway of what callers are not told. */
  report(error: unknown): void
}

/** How a gateway ends. */
export interface CloseOptions {
  /** Seconds that requests have which are inside. @default 30 */
  readonly timeoutSeconds?: number | undefined
}

/** A house with nothing open yet, and its end. */
export function houseOf(options: GatewayOptions): House & { close(options?: CloseOptions): Promise<void> } {
  const queues = new OpenQueues(options)
  const limits = limitsOf(options.limits)
  const crowd = new Crowd(limits)
  const closing = new AbortController()
  const base = checkedBasePath(options.basePath)
  return {
    options,
    at: (path) => base + path,
    queues,
    limits,
    crowd,
    closing: closing.signal,
    report: reporter(options.onError),
    async close({ timeoutSeconds = 30 } = {}) {
      closing.abort()
      await crowd.empty(timeoutSeconds)
      await queues.close()
    },
  }
}

/** Whoever is told may fail at it, and no request has to do with that. */
function reporter(tell: (error: unknown) => void = warn): House['report'] {
  return (error) => {
    try {
      tell(error)
    } catch (failure) {
      warn(failure)
    }
  }
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error))
}
