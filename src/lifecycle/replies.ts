import type { MessageQueue, OpenBackend } from '../backend.ts'
import { hasCode } from '../errors.ts'

/** Reply queues that are kept at hand, and reply queues that are known to be of no use: as many requesters as a worker remembers. */
const mostQueues = 200
const mostUseless = 2000
/** Milliseconds. A name never comes back; a permission may. */
const goneFor = 3_600_000
const refusedFor = 60_000

/** The way back to requesters: their private reply queues, which come and go. */
export class Replies {
  readonly #backend: Pick<OpenBackend, 'queue' | 'removeQueue'>
  readonly #queues = new Map<string, MessageQueue>()
  readonly #useless = new Map<string, number>()

  constructor(backend: Pick<OpenBackend, 'queue' | 'removeQueue'>) {
    this.#backend = backend
  }

  /**
   * Sends to a reply queue; to one whose requester is gone nothing is sent, and that is no error.
   * @param name Checked by `isReplyQueueName`
   * @throws RemoteJobError `ACCESS_DENIED` (then nothing is tried for a minute), `UNAVAILABLE`, `INVALID_ARGUMENT`
   */
  async send(name: string, body: string): Promise<void> {
    if (Date.now() < (this.#useless.get(name) ?? 0)) return
    try {
      await this.#queue(name).send({ body })
    } catch (error) {
      const isGone = hasCode(error, 'NOT_FOUND')
      if (isGone || hasCode(error, 'ACCESS_DENIED')) this.#giveUp(name, isGone ? goneFor : refusedFor)
      if (!isGone) throw error
    }
  }

  /** Removes the queue of a requester that is gone. */
  async discard(name: string): Promise<void> {
    this.#queues.delete(name)
    await this.#backend.removeQueue(name)
  }

  /** The one that was used longest ago goes when there are too many. */
  #queue(name: string): MessageQueue {
    const queue = this.#queues.get(name) ?? this.#backend.queue(name)
    this.#queues.delete(name)
    this.#queues.set(name, queue)
    trim(this.#queues, mostQueues)
    return queue
  }

  #giveUp(name: string, milliseconds: number): void {
    this.#queues.delete(name)
    this.#useless.set(name, Date.now() + milliseconds)
    trim(this.#useless, mostUseless)
  }
}

function trim(map: Map<string, unknown>, most: number): void {
  const [oldest] = map.keys()
  if (map.size > most && oldest !== undefined) map.delete(oldest)
}
