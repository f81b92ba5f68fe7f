import { hasCode, RemoteJobError } from './errors.ts'
import { publish, type WorkerEvent } from './instrument.ts'
import { IdleReaper } from './lifecycle/idle-reaper.ts'
import { keepTime } from './lifecycle/keep-time.ts'
import { pause } from './pause.ts'
import type { Workspace } from './lifecycle/workspace.ts'
import { checkBoolean } from './options.ts'

/** How a scheduler runs; every member has a default. */
export interface SchedulerOptions {
  /** Closes the scheduler when it aborts. */
  readonly signal?: AbortSignal | undefined
  /** Whether it also looks after dead letters, about every five minutes, as workers do that are idle. @default false */
  readonly reap?: boolean | undefined
  /** Is told what goes wrong, as the diagnostics channel `remotejob:error` is. */
  readonly onEvent?: ((event: WorkerEvent) => void) | undefined
}

/** What a scheduler needs of its queue. */
interface Origin {
  readonly name: string
  open(): Promise<Workspace>
}

/** Seconds until a queue that could not be opened is tried again. */
const retrySeconds = 30
/** Seconds between two questions whether it is time for dead letters. */
const reapTickSeconds = 15

/**
 * Sends jobs whose time has come (`runAt`, `delaySeconds` above 900) and makes those of schedules until it is closed. Any number may run at once, in any number of
 * processes: each job has one outcome.
 */
export class Scheduler implements AsyncDisposable {
  /** Resolves when the scheduler has ended. */
  readonly done: Promise<void>
  readonly #origin: Origin
  readonly #options: SchedulerOptions
  readonly #stop = new AbortController()

  constructor(origin: Origin, options: SchedulerOptions) {
    if (options.onEvent !== undefined && typeof options.onEvent !== 'function')
      throw new RemoteJobError('INVALID_ARGUMENT', 'Expected `onEvent` to be a function')
    checkBoolean('reap', options.reap)
    this.#origin = origin
    this.#options = options
    const { signal } = options
    const stop = (): void => this.#stop.abort()
    if (signal?.aborted) stop()
    signal?.addEventListener('abort', stop, { once: true, signal: this.#stop.signal })
    this.done = this.#run()
  }

  /** Ends the scheduler, and resolves when nothing of it is under way. Jobs that it did not send are sent by the next one. */
  async close(): Promise<void> {
    this.#stop.abort()
    await this.done
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        const w = await this.#origin.open()
        return await this.#look({ ...w, report: (error) => this.#tell(error) })
      } catch (error) {
        this.#tell(error)
        if (hasCode(error, 'CLOSED')) return
        await pause(retrySeconds, this.#stop.signal)
      }
    }
  }

  async #look(w: Workspace): Promise<void> {
    const reaper = this.#options.reap ? new IdleReaper(w, this.#stop.signal) : undefined
    const timer = reaper && setInterval(() => reaper.idle(), reapTickSeconds * 1000)
    try {
      await keepTime(w, this.#stop.signal)
    } finally {
      clearInterval(timer)
    }
  }

  #tell(error: unknown): void {
    const event: WorkerEvent = { name: 'error', queue: this.#origin.name, error }
    publish(event)
    try {
      this.#options.onEvent?.(event)
    } catch (thrown) {
      // As diagnostics channels do: a listener at fault is loud, and disturbs nobody's job.
      process.nextTick(() => {
        throw thrown
      })
    }
  }
}
