import type {
  Backend,
  Delivery,
  MessageQueue,
  ObjectStore,
  OpenBackend,
  OutgoingMessage,
  Place,
  Written,
} from '../src/backend.ts'
import { type Envelope, readDelivery } from '../src/protocol/delivery.ts'
import type { Home } from '../src/protocol/foreign.ts'
import { isJsonObject, parseJson } from '../src/protocol/json.ts'

/** A message that some queue took. */
export interface Sent {
  readonly queue: string
  readonly message: OutgoingMessage
}

interface Handed {
  readonly queue: string
  readonly delivery: Delivery
  /** How many messages had been sent when it was handed over. */
  readonly after: number
  readonly home: Home
  readonly real: MessageQueue
  isOver: boolean
}

/**
 * Sees every call that takes effect at the seam, by whatever process, on whatever backend; what must never be done is noted when it
 * is done. `brokenInvariants` judges the evidence.
 */
export class Witness {
  /** Everything that may not happen and did, in words. */
  readonly misdeeds: string[] = []
  readonly sent: Sent[] = []
  /** Texts that were written at each result's key; anything but one of them is a misdeed. */
  readonly results = new Map<string, string>()
  readonly #known = new Set<string>()
  readonly #handed = new Map<string, Handed>()
  #deliveries = 0
  /** Queues that were made beside those of a place. */
  readonly #added = new Set<string>()
  readonly #prefix: string

  /** @param prefix The queue's, as its keys have it */
  constructor(prefix = '') {
    this.#prefix = prefix
  }

  /** How many deliveries there were, of all queues. */
  get deliveries(): number {
    return this.#deliveries
  }

  /** The same backend, watched. */
  watch(backend: Backend): Backend {
    return {
      open: (place) => {
        const opened = backend.open(place)
        return {
          objects: this.#objects(opened.objects),
          queue: (name) => this.#queue(place, name, opened),
          addQueue: (name) => {
            this.#added.add(name)
            return opened.addQueue(name)
          },
          removeQueue: (name) => opened.removeQueue(name),
          ready: () => opened.ready(),
          close: () => opened.close(),
        }
      },
    }
  }

  /** Lets the time of every lease pass, and of every delay of a message that was handed over. */
  async endLeases(): Promise<void> {
    const held = [...this.#handed].filter(([, { isOver }]) => !isOver)
    for (const [, handed] of held) handed.isOver = true
    // A message that is gone, or in other hands by now, has another lease.
    await Promise.all(held.map(([receipt, { real }]) => real.extend(receipt, 0).catch(() => {})))
  }

  #objects(real: ObjectStore): ObjectStore {
    return {
      put: (key, body, options) => {
        this.#checkKey(key, 'written over')
        return real.put(key, body, options)
      },
      putIfAbsent: async (key, body, options) => {
        const written = await real.putIfAbsent(key, body, options)
        this.#see(key, Buffer.from(body).toString(), written)
        return written
      },
      delete: (key, options) => {
        this.#checkKey(key, 'deleted')
        return real.delete(key, options)
      },
      get: (key, options) => real.get(key, options),
      head: (key, options) => real.head(key, options),
      list: (prefix, options) => real.list(prefix, options),
    }
  }

  #checkKey(key: string, what: string): void {
    if (!key.startsWith(this.#prefix)) this.misdeeds.push(`${key} is outside of the prefix`)
    const own = key.slice(this.#prefix.length)
    if (/^(results|claims)\//.test(own)) this.misdeeds.push(`${own} was ${what}`)
  }

  #see(key: string, text: string, written: Written | undefined): void {
    const own = key.slice(this.#prefix.length)
    this.#known.add(own)
    if (!written || !own.startsWith('results/')) return
    if (this.results.has(own)) this.misdeeds.push(`${own} was written twice`)
    this.results.set(own, text)
  }

  #queue(place: Place, name: string, opened: OpenBackend): MessageQueue {
    const real = opened.queue(name)
    // A reply queue is used by name alone; one that nobody made is none.
    if (![...place.queues.values(), place.deadLetterQueue, ...this.#added].includes(name))
      this.misdeeds.push(`a queue "${name}" was used`)
    const home = { bucket: place.bucket, prefix: this.#prefix }
    return {
      send: async (message, options) => {
        await real.send(message, options)
        this.sent.push({ queue: name, message })
      },
      receive: async (options) => {
        const deliveries = await real.receive(options)
        this.#deliveries += deliveries.length
        const after = this.sent.length
        for (const delivery of deliveries) {
          this.#handed.set(delivery.receipt, { queue: name, delivery, after, home, real, isOver: false })
        }
        return deliveries
      },
      delete: async (receipt, options) => {
        const handed = this.#handed.get(receipt)
        if (handed) this.#checkDelete(handed)
        await real.delete(receipt, options)
        this.#handed.delete(receipt)
      },
      extend: (receipt, seconds, options) => real.extend(receipt, seconds, options),
    }
  }

  /** A message goes only when nothing hangs on it any more. */
  #checkDelete(handed: Handed): void {
    const { delivery, home, queue } = handed
    const reading = readDelivery(delivery, home)
    const since = this.sent.slice(handed.after)
    const isSent = (id: string): boolean => since.some((sent) => sent.queue === queue && idOf(sent) === id)
    const isCopied = since.some(({ message }) => message.body === delivery.body)
    if (reading.kind === 'job') {
      const { id, finished } = reading.message
      const isEnded = this.#known.has(`results/${id}.json`) || this.#known.has(`claims/${id}`)
      if (!finished && !isEnded && !isSent(id) && !this.#isReplaced(queue, id, reading))
        this.misdeeds.push(`the message of job ${id} was deleted before its end`)
    }
    if (reading.kind === 'several' && !reading.messages.every(({ id }) => isSent(id))) {
      this.misdeeds.push('a message of several jobs was deleted before each had its own')
    }
    if ((reading.kind === 'malformed' || reading.kind === 'later') && !isCopied) {
      this.misdeeds.push(
        `a message that cannot be read was deleted, and no copy is left: ${delivery.body.slice(0, 80)}`,
      )
    }
  }

  /** Whether a message was sent, at any time, that stands in the place of this one; one that stands for a living owner counts less. */
  #isReplaced(queue: string, id: string, { base, owner }: Envelope): boolean {
    return this.sent.some((sent) => {
      if (sent.queue !== queue || idOf(sent) !== id) return false
      const { base: later = '0', owner: heir } = sent.message.attributes ?? {}
      return Number(later) > base || (Number(later) === base && owner !== undefined && heir === undefined)
    })
  }
}

/** The job that a message of ours stands for. */
export function idOf({ message: { body, attributes } }: Sent): string | undefined {
  const parsed = parseJson(body)
  const id = isJsonObject(parsed) ? parsed['id'] : undefined
  return attributes?.['id'] ?? (typeof id === 'string' ? id : undefined)
}
