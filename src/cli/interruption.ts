import { type ExitCode, exitCodes } from './exit-codes.ts'
import { note, type Terminal, warn } from './terminal.ts'

/** What Ctrl-C and SIGTERM ask for. */
export interface Interruption extends Disposable {
  /** Aborts at the first: finish what is in hand, or where nothing is, end. */
  readonly drain: AbortSignal
  /** Aborts at the second, where there is something to give back in good order. The next ends the process at once. */
  readonly stop: AbortSignal
}

export interface Manners {
  /** What the first one is answered with. @default nothing */
  readonly advice?: string
  /** Whether the first one only drains, which takes as long as it takes. @default false */
  readonly drains?: boolean
  /** What the process ends with that does not end by itself. @default 130 */
  readonly exitCode?: ExitCode
}

/** Milliseconds for what has nothing to drain; a lock, say, would keep it half a minute. */
const patience = 3000

/** Listens until it is disposed of. */
export function interruption(
  terminal: Terminal,
  { advice = '', drains = false, exitCode = exitCodes.interrupted }: Manners,
): Interruption {
  const drain = new AbortController()
  const stop = new AbortController()
  const end = (): never => process.exit(exitCode)
  const interrupt = (): void => {
    if (stop.signal.aborted || (drain.signal.aborted && !drains)) end()
    else if (drain.signal.aborted) {
      warn(terminal, 'stopping now')
      stop.abort()
    } else {
      if (advice !== '') note(terminal, advice)
      if (!drains) setTimeout(end, patience).unref()
      drain.abort()
    }
  }
  const signals = ['SIGINT', 'SIGTERM'] as const
  for (const name of signals) process.on(name, interrupt)
  return {
    drain: drain.signal,
    stop: stop.signal,
    [Symbol.dispose]() {
      for (const name of signals) process.off(name, interrupt)
    },
  }
}
