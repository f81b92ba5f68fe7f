import type { Backend, MessageQueue, ObjectStore, OpenBackend, OutgoingMessage, Place } from '../../src/backend.ts'
import { isJsonObject, parseJson } from '../../src/protocol/json.ts'
import { etagOf } from './memory-objects.ts'

/** A mistake that the library does not make, made at the seam as if it did. */
export interface Mutant {
  readonly mistake: string
  /** Between the library and its process's fate, so that the process may die between its steps. */
  readonly above?: (backend: Backend) => Backend
  /** Between everybody and the store. */
  readonly below?: (backend: Backend) => Backend
  /** What the invariants say of it. */
  readonly found: RegExp
}

export const mutants: readonly Mutant[] = [
  {
    mistake: 'the message is deleted before the result is written',
    above: (backend) => reordered(backend, { isEarly: (key) => key.startsWith('results/'), isLate: () => false }),
    found: /deleted before its end|has no end/,
  },
  {
    mistake: 'the result is written whatever is there',
    below: (backend) => withObjects(backend, (real) => ({ putIfAbsent: (...given) => putAnyhow(real, ...given) })),
    found: /written twice|is not what was written|was committed by/,
  },
  {
    mistake: 'the end is announced after the message is deleted',
    above: (backend) => reordered(backend, { isEarly: () => false, isLate: ({ body }) => body.includes('"finished"') }),
    found: /never announced/,
  },
  {
    mistake: 'the message is sent before the input is written',
    above: inputLast,
    found: /is handed out, and has no input/,
  },
  {
    mistake: 'a message is deleted before the one that replaces it is sent',
    above: (backend) => reordered(backend, { isEarly: () => false, isLate: isReplacement }),
    found: /deleted before its end|has no end/,
  },
  {
    mistake: 'the assets of all attempts have the same names',
    below: (backend) => withObjects(backend, sharedAssets),
    found: /is not what the result says|does not exist|the bytes of another attempt/,
  },
]

const putAnyhow = (
  real: ObjectStore,
  key: string,
  ...rest: [Uint8Array, object?]
): ReturnType<ObjectStore['putIfAbsent']> =>
  key.startsWith('results/') ? real.put(key, ...rest) : real.putIfAbsent(key, ...rest)

function sharedAssets(real: ObjectStore): Partial<ObjectStore> {
  const shared = (key: string): string => key.replace(/^assets\/([^/]+)\/[^/]+\//, 'assets/$1/shared/')
  return {
    put: (key, ...rest) => real.put(shared(key), ...rest),
    get: (key, ...rest) => real.get(shared(key), ...rest),
    head: (key, ...rest) => real.head(shared(key), ...rest),
    delete: (key, ...rest) => real.delete(shared(key), ...rest),
  }
}

interface Order {
  /** Whether the job's message goes before this object is written. */
  readonly isEarly: (key: string) => boolean
  /** Whether it goes before this message is sent. */
  readonly isLate: (message: OutgoingMessage) => boolean
}

/** Of a message that is held for too long. */
const isReplacement = ({ attributes = {} }: OutgoingMessage): boolean => attributes['owner'] !== undefined

/** The message of a job is deleted before another step instead of last. */
function reordered(backend: Backend, { isEarly, isLate }: Order): Backend {
  const held = new Map<string, () => Promise<void>>()
  const letGo = async (id = ''): Promise<void> => held.get(id)?.()
  const objects = (real: ObjectStore): Partial<ObjectStore> => ({
    async putIfAbsent(key, ...rest) {
      if (isEarly(key)) await letGo(idOfResult(key))
      return real.putIfAbsent(key, ...rest)
    },
  })
  const queue = (real: MessageQueue): Partial<MessageQueue> => ({
    async receive(options) {
      const deliveries = await real.receive(options)
      for (const { body, receipt } of deliveries) held.set(idIn(body) ?? receipt, () => real.delete(receipt))
      return deliveries
    },
    async send(message, ...rest) {
      if (isLate(message)) await letGo(idIn(message.body))
      return real.send(message, ...rest)
    },
  })
  return wrapped(backend, { objects, queue })
}

/** What a submit writes first it writes last. */
function inputLast(backend: Backend): Backend {
  const owed = new Map<string, () => Promise<unknown>>()
  const objects = (real: ObjectStore): Partial<ObjectStore> => ({
    async put(key, body, ...rest) {
      if (!key.startsWith('inputs/') || !(body instanceof Uint8Array)) return real.put(key, body, ...rest)
      owed.set(key.slice('inputs/'.length), () => real.put(key, body, ...rest))
      return { etag: etagOf(body), size: body.byteLength }
    },
  })
  const queue = (real: MessageQueue): Partial<MessageQueue> => ({
    async send(message, ...rest) {
      await real.send(message, ...rest)
      await owed.get(idIn(message.body) ?? '')?.()
    },
  })
  return wrapped(backend, { objects, queue })
}

const idOfResult = (key: string): string | undefined => /^results\/(.+)\.json$/.exec(key)?.[1]

function idIn(body: string): string | undefined {
  const parsed = parseJson(body)
  return isJsonObject(parsed) && typeof parsed['id'] === 'string' ? parsed['id'] : undefined
}

interface Changes {
  readonly objects?: (real: ObjectStore) => Partial<ObjectStore>
  readonly queue?: (real: MessageQueue) => Partial<MessageQueue>
}

const withObjects = (backend: Backend, objects: (real: ObjectStore) => Partial<ObjectStore>): Backend =>
  wrapped(backend, { objects })

function wrapped(backend: Backend, { objects = () => ({}), queue = () => ({}) }: Changes): Backend {
  return {
    open(place: Place): OpenBackend {
      const opened = backend.open(place)
      return {
        objects: allOf(opened.objects, objects(opened.objects)),
        queue: (name) => allOfQueue(opened.queue(name), queue(opened.queue(name))),
        addQueue: (name) => opened.addQueue(name),
        removeQueue: (name) => opened.removeQueue(name),
        ready: () => opened.ready(),
        close: () => opened.close(),
      }
    },
  }
}

function allOf(real: ObjectStore, changed: Partial<ObjectStore>): ObjectStore {
  return {
    put: (...given) => real.put(...given),
    putIfAbsent: (...given) => real.putIfAbsent(...given),
    get: (...given) => real.get(...given),
    head: (...given) => real.head(...given),
    delete: (...given) => real.delete(...given),
    list: (...given) => real.list(...given),
    ...changed,
  }
}

function allOfQueue(real: MessageQueue, changed: Partial<MessageQueue>): MessageQueue {
  return {
    send: (...given) => real.send(...given),
    receive: (...given) => real.receive(...given),
    delete: (...given) => real.delete(...given),
    extend: (...given) => real.extend(...given),
    ...changed,
  }
}
