import type { Backend, MessageQueue, ObjectStore, OpenBackend } from '../../src/backend.ts'
import { RemoteJobError } from '../../src/errors.ts'

/** What befalls a process: at which of its calls, and what becomes of that call and of the process. */
export interface Fate {
  /** Whether it is this call; `number` counts from 1, `name` is e.g. `put inputs/018f…` or `send thumbs-pending`. */
  readonly strikes: (name: string, number: number) => boolean
  /** Whether the call still takes effect, so that only its answer is lost. */
  readonly takesEffect: boolean
  /**
   * What comes of it. `death`: no further call is made or answered. `failure`: that one call fails as `UNAVAILABLE`. `repetition`:
   * the backend itself asks again, as the SDK does, and gives the second answer.
   */
  readonly end: 'death' | 'failure' | 'repetition'
}

/** Passes the calls of one process at the seam on to a real backend, until its fate strikes. */
export class DoomedBackend implements Backend {
  /** The names of all calls made. */
  readonly calls: string[] = []
  /** Resolves when the process has died, and nothing it began is still under way. */
  readonly died: Promise<'died'>
  readonly #backend: Backend
  readonly #fate: Fate
  readonly #underway = new Set<Promise<unknown>>()
  #isStruck = false
  #isDead = false
  readonly #die: (value: 'died') => void

  constructor(backend: Backend, fate: Fate) {
    this.#backend = backend
    this.#fate = fate
    const { promise, resolve } = Promise.withResolvers<'died'>()
    this.died = promise
    this.#die = resolve
  }

  /** Whether the call that was to fail has been made. */
  get isStruck(): boolean {
    return this.#isStruck
  }

  open(place: Parameters<Backend['open']>[0]): OpenBackend {
    const opened = this.#backend.open(place)
    return {
      objects: this.#objects(opened.objects),
      queue: (name) => this.#queue(name, opened.queue(name)),
      addQueue: (name) => this.#call(`add queue ${name}`, () => opened.addQueue(name)),
      removeQueue: (name) => this.#call(`remove queue ${name}`, () => opened.removeQueue(name)),
      ready: () => opened.ready(),
      close: () => opened.close(),
    }
  }

  #objects(real: ObjectStore): ObjectStore {
    return {
      put: (key, body, options) => {
        const put = this.#call(`put ${key}`, () => real.put(key, body, options))
        // A body that is not written is not read either, and no stream is left open.
        put.catch(() => body instanceof Uint8Array || body.destroy())
        return put
      },
      putIfAbsent: (key, body, options) =>
        this.#call(`put if absent ${key}`, () => real.putIfAbsent(key, body, options)),
      get: (key, options) =>
        this.#call(
          `get ${key}`,
          () => real.get(key, options),
          (reading) => reading?.body.destroy(),
        ),
      head: (key, options) => this.#call(`head ${key}`, () => real.head(key, options)),
      delete: (key, options) => this.#call(`delete ${key}`, () => real.delete(key, options)),
      list: (prefix, options) => this.#call(`list ${prefix}`, () => real.list(prefix, options)),
    }
  }

  #queue(name: string, real: MessageQueue): MessageQueue {
    return {
      send: (message, options) => this.#call(`send ${name}`, () => real.send(message, options)),
      receive: (options) => this.#call(`receive ${name}`, () => real.receive(options)),
      delete: (receipt, options) => this.#call(`delete from ${name}`, () => real.delete(receipt, options)),
      extend: (receipt, seconds, options) => this.#call(`extend ${name}`, () => real.extend(receipt, seconds, options)),
    }
  }

  async #call<T>(name: string, perform: () => Promise<T>, drop: (lost: T) => void = () => {}): Promise<T> {
    if (this.#isDead) return never()
    this.calls.push(name)
    if (this.#isStruck || !this.#fate.strikes(name, this.calls.length)) return this.#answer(perform(), drop)
    this.#isStruck = true
    const { takesEffect, end } = this.#fate
    this.#isDead = end === 'death'
    if (takesEffect) drop(await this.#track(perform()))
    if (end === 'repetition') return this.#answer(perform(), drop)
    if (end === 'failure')
      throw new RemoteJobError('UNAVAILABLE', `The test's fault: call ${this.calls.length} (${name})`)
    while (this.#underway.size > 0) await Promise.allSettled(this.#underway)
    this.#die('died')
    return never()
  }

  /** What a process has begun goes on when it dies; only it does not hear of it. */
  async #answer<T>(performed: Promise<T>, drop: (lost: T) => void): Promise<T> {
    try {
      const result = await this.#track(performed)
      if (!this.#isDead) return result
      drop(result)
    } catch (error) {
      if (!this.#isDead) throw error
    }
    return never()
  }

  async #track<T>(performed: Promise<T>): Promise<T> {
    this.#underway.add(performed)
    try {
      return await performed
    } finally {
      this.#underway.delete(performed)
    }
  }
}

const never = (): Promise<never> => new Promise(() => {})
