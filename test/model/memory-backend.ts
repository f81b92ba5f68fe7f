import type { Backend, Place, MessageQueue } from '../../src/backend.ts'
import { RemoteJobError } from '../../src/errors.ts'
import { MemoryMessages } from './memory-messages.ts'
import { MemoryObjects } from './memory-objects.ts'

/** Objects and messages in memory, shared by all the backends made of it, as by the processes of one world. */
export class MemoryStore {
  readonly #buckets = new Map<string, MemoryObjects>()
  readonly #queues = new Map<string, MemoryMessages>()
  readonly #made = new Set<string>()
  readonly #isPatient: boolean

  /** @param isPatient Whether a receive waits for what may come */
  constructor({ isPatient }: { readonly isPatient: boolean }) {
    this.#isPatient = isPatient
  }

  backend(): Backend {
    return {
      open: (place) => ({
        objects: this.#objects(place),
        queue: (name) => (isOf(place, name) ? this.messages(name) : this.#added(name)),
        addQueue: async (name) => void this.messages(name),
        removeQueue: async (name) => void this.#queues.delete(name),
        ready: async () => this.#ready(place),
        close: async () => {},
      }),
    }
  }

  messages(name: string): MemoryMessages {
    const queue = this.#queues.get(name) ?? new MemoryMessages(this.#isPatient)
    this.#queues.set(name, queue)
    return queue
  }

  /** One that comes and goes: whether it is there shows with each call. */
  #added(name: string): MessageQueue {
    const there = (): MemoryMessages => {
      const queue = this.#queues.get(name)
      if (!queue) throw new RemoteJobError('NOT_FOUND', `There is no queue "${name}"`)
      return queue
    }
    return {
      send: async (...given) => there().send(...given),
      receive: async (...given) => there().receive(...given),
      delete: async (...given) => there().delete(...given),
      extend: async (...given) => there().extend(...given),
    }
  }

  #objects({ bucket }: Place): MemoryObjects {
    const objects = this.#buckets.get(bucket) ?? new MemoryObjects()
    this.#buckets.set(bucket, objects)
    return objects
  }

  #ready({ bucket, pendingQueue, deadLetterQueue, maxReceives, provision }: Place): void {
    if (provision === 'never' && !this.#made.has(bucket))
      throw new RemoteJobError('NOT_FOUND', `There is no bucket "${bucket}"`)
    this.#made.add(bucket)
    if (pendingQueue === undefined) return
    const pending = this.messages(pendingQueue)
    const most = Math.max(maxReceives, pending.deadLetters?.maxReceives ?? 0)
    pending.deadLetters = { queue: this.messages(deadLetterQueue), maxReceives: most }
  }
}

function isOf({ queues, deadLetterQueue }: Place, name: string): boolean {
  return name === deadLetterQueue || [...queues.values()].includes(name)
}
