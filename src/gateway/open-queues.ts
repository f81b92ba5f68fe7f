import { Schedules } from '../cron/schedules.ts'
import { hasCode, RemoteJobError } from '../errors.ts'
import { Queue } from '../queue.ts'
import { isListed } from '../runs/definition/whitelist.ts'
import { Runs } from '../runs/runs.ts'
import type { GatewayOptions } from './gateway-options.ts'

/** A queue with what goes over it. */
export interface OpenQueue {
  readonly queue: Queue
  readonly runs: Runs
  readonly schedules: Schedules
}

/** The queues that requests asked for: each is opened once, when it is found to be there, and stays open. */
export class OpenQueues implements AsyncDisposable {
  readonly #options: GatewayOptions
  readonly #open = new Map<string, Promise<OpenQueue>>()
  #closed = false

  constructor(options: GatewayOptions) {
    this.#options = options
  }

  /** Whether a queue of that name is one that may be asked for. */
  offers(name: string): boolean {
    return isListed(name, this.#options.queues ?? ['*'])
  }

  /**
   * A queue that is there, or that the gateway was told of by its whole name: that one is made. A request for any other makes none, so
   * that nobody fills an account with names.
   * @throws RemoteJobError `INVALID_ARGUMENT`, `NOT_FOUND`, and what `Queue.ready` throws
   */
  async get(name: string): Promise<OpenQueue> {
    const isNamed = !name.includes('*') && this.#options.queues?.includes(name) === true
    return this.#find(name, isNamed ? 'auto' : 'never')
  }

  /** The same, made where it is missing. */
  async provide(name: string): Promise<OpenQueue> {
    return this.#find(name, 'auto')
  }

  async #find(name: string, provision: 'auto' | 'never'): Promise<OpenQueue> {
    if (this.#closed) throw new RemoteJobError('CLOSED', 'The gateway is closed')
    if (!this.offers(name)) throw noQueue(name)
    const known = this.#open.get(name)
    if (known) return known
    const opening = this.#start(name, provision)
    this.#open.set(name, opening)
    // The next request looks again.
    opening.catch(() => this.#open.delete(name))
    return opening
  }

  async #start(name: string, provision: 'auto' | 'never'): Promise<OpenQueue> {
    const {
      queues: _queues,
      runsQueue: _runsQueue,
      projects: _projects,
      slimFaas: _slimFaas,
      jobd: _jobd,
      scheduler: _scheduler,
      onError: _onError,
      ...place
    } = this.#options
    const queue: Queue = new Queue(name, { ...place, provision })
    try {
      await queue.ready()
    } catch (error) {
      await queue.close()
      // Where it was looked for is nobody's business.
      if (hasCode(error, 'NOT_FOUND')) throw noQueue(name, error)
      throw error
    }
    return { queue, runs: new Runs(queue), schedules: new Schedules(queue) }
  }

  /** Lets go of all of them. */
  async close(): Promise<void> {
    this.#closed = true
    const opened = await Promise.allSettled(this.#open.values())
    await Promise.all(opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value.queue.close()] : [])))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

function noQueue(name: string, cause?: unknown): RemoteJobError {
  return new RemoteJobError('NOT_FOUND', `There is no queue "${name}" here`, { cause })
}
