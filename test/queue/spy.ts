import type { Backend, MessageQueue, ObjectStore, OpenBackend } from '../../src/backend.ts'
import { RemoteJobError } from '../../src/errors.ts'

/** What a Queue asks its backend for. */
export interface Spy {
  /** Answers to reads of results. */
  looks: number
  /** Receives from reply queues. */
  receives: number
  /** Messages to reply queues. */
  readonly replies: number
  /** The names of the queues that were sent to. */
  readonly sentTo: string[]
  /** Whether making a queue is refused, as IAM would. */
  refuse: boolean
  over(backend: Backend): Backend
}

export function spiedOn(): Spy {
  const spy: Spy = {
    looks: 0,
    receives: 0,
    sentTo: [],
    refuse: false,
    get replies() {
      return this.sentTo.filter((name) => name.includes('-reply-')).length
    },
    over: (backend) => ({ open: (place) => watched(backend.open(place), spy) }),
  }
  return spy
}

function watched(opened: OpenBackend, spy: Spy): OpenBackend {
  return {
    objects: watchedObjects(opened.objects, spy),
    queue: (name) => watchedQueue(name, opened.queue(name), spy),
    addQueue: async (name) => {
      if (spy.refuse) throw new RemoteJobError('ACCESS_DENIED', 'sqs:CreateQueue')
      await opened.addQueue(name)
    },
    removeQueue: (name) => opened.removeQueue(name),
    ready: () => opened.ready(),
    close: () => opened.close(),
  }
}

function watchedObjects(objects: ObjectStore, spy: Spy): ObjectStore {
  return new Proxy(objects, {
    get(target, name) {
      if (name === 'get') {
        return async (...given: Parameters<ObjectStore['get']>) => {
          const found = await target.get(...given)
          if (given[0].startsWith('results/')) spy.looks += 1
          return found
        }
      }
      const member: unknown = Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

function watchedQueue(name: string, queue: MessageQueue, spy: Spy): MessageQueue {
  return {
    send: (message, options) => {
      spy.sentTo.push(name)
      return queue.send(message, options)
    },
    receive: (options) => {
      if (name.includes('-reply-')) spy.receives += 1
      return queue.receive(options)
    },
    delete: (receipt, options) => queue.delete(receipt, options),
    extend: (receipt, seconds, options) => queue.extend(receipt, seconds, options),
  }
}
