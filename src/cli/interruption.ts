import { note, type Terminal, warn } from './terminal.ts'
import { exitCodes } from './exit-codes.ts'

/** What Ctrl-C and SIGTERM ask for. */
export interface Interruption extends Disposable {
  /** Aborts at the first: finish what is in hand. */
  readonly drain: AbortSignal
  /** Aborts at the second: stop now, in good order. A third ends the process at once. */
  readonly stop: AbortSignal
}

/** Listens until it is disposed of. @param advice What the first one is answered with */
export function interruption(terminal: Terminal, advice: string): Interruption {
  const drain = new AbortController()
  const stop = new AbortController()
  const interrupt = (): void => {
    if (stop.signal.aborted) process.exit(exitCodes.interrupted)
    else if (drain.signal.aborted) {
      warn(terminal, 'stopping now')
      stop.abort()
    } else {
      note(terminal, advice)
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
