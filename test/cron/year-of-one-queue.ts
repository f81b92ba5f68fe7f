import { vi } from 'vitest'
import type { Backend, MessageQueue, ObjectStore } from '../../src/backend.ts'
import { hasCode } from '../../src/errors.ts'
import { Queue } from '../../src/index.ts'
import { tickOf } from '../../src/protocol/schedule-keys.ts'
import type { Random } from '../chaos/random.ts'
import { DoomedBackend } from '../lifecycle/crash-process.ts'
import { blows } from '../lifecycle/crash-sweep.ts'
import { MemoryStore } from '../model/memory-backend.ts'
import { type Data, schedulerOf } from './setup.ts'

const jump = 5 * 60_000
const options = { statuses: ['pending'] }
const fates = Object.values(blows)

/** One queue, whose store has a clock of its own, as has each machine that runs one of its three schedulers. */
export class Year {
  /** The true time, in milliseconds since 1970. */
  now: number
  /** Processes that were struck at one of their calls. */
  struck = 0
  /** How often the job of an id was handed to a worker. */
  readonly runs = new Map<string, number>()
  /** Jobs that a worker got before their time. */
  readonly early: string[] = []
  readonly queue: Queue<Data>
  readonly #random: Random
  readonly #store = new MemoryStore({ isPatient: false })
  readonly #schedulers: ReturnType<Year['process']>[]
  /** How far the store's clock is off, in milliseconds. */
  #skew = 0

  constructor(begin: number, random: Random) {
    this.now = begin
    this.#random = random
    vi.useFakeTimers({ toFake: ['Date'], now: begin })
    this.queue = new Queue<Data>('year', { ...options, backend: this.#kept() })
    this.#schedulers = [this.process(), this.process(), this.process()]
  }

  /** The store's clock is put right, or wrong, by up to five minutes. */
  moveStoreClock(): void {
    this.#skew = this.#anySkew()
  }

  /** A scheduler, or two at once, look; the clocks of their machines show anything, and any of their calls may be their last. */
  async look(): Promise<void> {
    vi.setSystemTime(this.now + this.#anySkew())
    const first = Math.floor(this.#random.between(0, 3))
    const both = this.#random.next() < 0.3 ? [first, (first + 1) % 3] : [first]
    await Promise.all(both.map((index) => this.#lookAs(index, this.#random.next() < 0.4)))
  }

  /** One of them looks, and nothing happens to it. */
  async lookFairly(): Promise<void> {
    vi.setSystemTime(this.now + this.#anySkew())
    await this.#lookAs(Math.floor(this.#random.between(0, 3)), false)
  }

  /** A worker does what there is to do. */
  async work(): Promise<void> {
    vi.setSystemTime(this.now + this.#skew)
    for (;;) {
      const job = await this.queue.next('pending', { waitSeconds: 0 })
      if (!job) return
      this.runs.set(job.id, (this.runs.get(job.id) ?? 0) + 1)
      if ((tickOf(job.id)?.at.getTime() ?? Infinity) > Date.now()) this.early.push(job.id)
      await job.complete()
    }
  }

  /** @internal */
  process() {
    const fate = { at: 0 }
    const blow = fates[Math.floor(this.#random.between(0, fates.length))] ?? blows.dies
    const backend = new DoomedBackend(this.#kept(), { ...blow, strikes: (_name, number) => number === fate.at })
    return { backend, fate, looks: schedulerOf(new Queue<Data>('year', { ...options, backend })) }
  }

  async #lookAs(index: number, isDoomed: boolean): Promise<void> {
    const process = this.#schedulers[index]
    if (!process) return
    const { backend, fate, looks } = process
    fate.at = isDoomed ? backend.calls.length + Math.ceil(this.#random.between(0, 12)) : 0
    await Promise.race([looks.look().catch(expectUnavailable), backend.died])
    if (!backend.isStruck) return
    this.struck += 1
    this.#schedulers[index] = this.process()
  }

  #anySkew(): number {
    return Math.round(this.#random.between(-jump, jump))
  }

  /** The store as a process has it: what it does, it does by its own clock. */
  #kept(): Backend {
    const by = <Result>(call: () => Result): Result => {
      const ours = Date.now()
      vi.setSystemTime(this.now + this.#skew)
      try {
        return call()
      } finally {
        vi.setSystemTime(ours)
      }
    }
    return {
      open: (place) => {
        const opened = this.#store.backend().open(place)
        return { ...opened, objects: objectsBy(opened.objects, by), queue: (name) => queueBy(opened.queue(name), by) }
      },
    }
  }
}

type By = <Result>(call: () => Result) => Result

function objectsBy(real: ObjectStore, by: By): ObjectStore {
  return {
    put: (...given) => by(() => real.put(...given)),
    putIfAbsent: (...given) => by(() => real.putIfAbsent(...given)),
    get: (...given) => by(() => real.get(...given)),
    head: (...given) => by(() => real.head(...given)),
    delete: (...given) => by(() => real.delete(...given)),
    list: (...given) => by(() => real.list(...given)),
  }
}

function queueBy(real: MessageQueue, by: By): MessageQueue {
  return {
    send: (...given) => by(() => real.send(...given)),
    receive: (...given) => by(() => real.receive(...given)),
    delete: (...given) => by(() => real.delete(...given)),
    extend: (...given) => by(() => real.extend(...given)),
  }
}

function expectUnavailable(error: unknown): void {
  if (!hasCode(error, 'UNAVAILABLE')) throw error
}
