import { RemoteJobError } from '../errors.ts'
import { onAbort } from '../on-abort.ts'
import { letGoOf } from './attachments.ts'

/** How one run of a handler ended. */
export type Performance<Value> = { readonly kind: 'returned'; readonly returned: Value } | Unreturned

/** How it ended when nothing was returned in time. */
type Unreturned =
  | { readonly kind: 'threw'; readonly error: unknown }
  /** What the handler threw when it was told, if it did, may bring files along. */
  | { readonly kind: 'timed-out'; readonly error: RemoteJobError; readonly thrown?: unknown }
  | { readonly kind: 'lost'; readonly error: unknown; readonly thrown?: unknown }
  | { readonly kind: 'stopped'; readonly thrown?: unknown }

/** What became of what a handler returned. */
export interface Stored {
  /** `settled`: the handler had ended the job itself; `error`: the store failed, and the job comes back. */
  readonly kind: 'completed' | 'superseded' | 'settled' | 'error'
  readonly error?: unknown
}

/** What can end a run from outside. */
export interface Interruptions {
  /** The job is not ours any more. */
  readonly lost: AbortSignal
  /** The worker closes. */
  readonly stop: AbortSignal
  readonly timeoutSeconds: number | undefined
  /** Seconds that a handler has to end after its signal was aborted; then it is left to itself, and what it returns is discarded. */
  readonly graceSeconds: number
}

/** Milliseconds; Node's timers count no further. */
export const longestTimer = 2 ** 31 - 1

/** Runs a handler, and says how that ended. A handler that ignores its signal does not keep anybody waiting for ever. */
export async function perform<Value>(
  handler: (signal: AbortSignal) => Value | Promise<Value>,
  interruptions: Interruptions,
): Promise<Performance<Value>> {
  using run = new Run(interruptions)
  const settled = (async (): Promise<Performance<Value>> => {
    try {
      return { kind: 'returned', returned: await handler(run.signal) }
    } catch (error) {
      return { kind: 'threw', error }
    }
  })()
  // A race by hand: there is no signal that a handler which ignores signals would heed.
  const end = await Promise.race([settled, run.abandoned])
  const { cause } = run
  if (cause === undefined) return end ?? { kind: 'stopped' }
  // What is finished in time, though it was told to stop, is finished.
  if (cause.kind === 'stopped' && end?.kind === 'returned') return end
  if (end?.kind === 'threw' && cause.kind !== 'threw') return { ...cause, thrown: end.error }
  void settled.then((late) => (late.kind === 'threw' ? letGoOf(late.error) : undefined))
  return cause
}

/**
 * The signal of one run. Listeners go with the run: those of `AbortSignal.any` would stay as long as the worker. They are taken off
 * one by one, since a signal that does it makes an error with a stack for every job.
 */
class Run implements Disposable {
  readonly abandoned: Promise<undefined>
  readonly #controller = new AbortController()
  readonly #leave: readonly (() => void)[]
  readonly #timer: NodeJS.Timeout | undefined
  #grace: NodeJS.Timeout | undefined
  #cause: Unreturned | undefined

  constructor({ lost, stop, timeoutSeconds, graceSeconds }: Interruptions) {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.abandoned = promise
    const interrupt = (cause: Unreturned, reason: unknown): void => {
      if (this.#cause) return
      this.#cause = cause
      this.#controller.abort(reason)
      this.#grace = setTimeout(() => resolve(undefined), graceSeconds * 1000)
    }
    this.#leave = [
      onAbort(lost, () => interrupt({ kind: 'lost', error: lost.reason }, lost.reason)),
      onAbort(stop, () => interrupt({ kind: 'stopped' }, stop.reason)),
    ]
    if (timeoutSeconds !== undefined && timeoutSeconds * 1000 <= longestTimer) {
      const error = new RemoteJobError(
        'TIMED_OUT',
        `The handler took longer than the ${timeoutSeconds} seconds allowed`,
      )
      this.#timer = setTimeout(() => interrupt({ kind: 'timed-out', error }, error), timeoutSeconds * 1000)
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get cause(): Unreturned | undefined {
    return this.#cause
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    clearTimeout(this.#grace)
    for (const leave of this.#leave) leave()
  }
}
