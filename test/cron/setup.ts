import { vi } from 'vitest'
import { Schedules } from '../../src/cron.ts'
import { type Job, Queue, type QueueOptions } from '../../src/index.ts'
import { fireSchedules } from '../../src/lifecycle/fire-schedules.ts'
import { KnownSchedules } from '../../src/lifecycle/known-schedules.ts'
import { source } from '../../src/worker.ts'
import { DoomedBackend, type Fate } from '../lifecycle/crash-process.ts'
import { MemoryStore } from '../model/memory-backend.ts'

export type Data = Record<string, unknown>

/** A process to which nothing happens. */
const spared: Fate = { strikes: () => false, takesEffect: true, end: 'failure' }

/** A scheduler's looks, one after another, with a memory of its own of what it read. */
export function schedulerOf(queue: Queue<Data>) {
  const known = new KnownSchedules()
  const reported: unknown[] = []
  return {
    reported,
    async look(): Promise<readonly string[]> {
      const w = { ...(await queue[source].open()), report: (error: unknown) => void reported.push(error) }
      return fireSchedules(w, { known })
    },
  }
}

/** A queue over a store in memory, whose time is virtual and begins at `start`. */
export function setup(start: string, options: QueueOptions<Data, Data> = {}) {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(start) })
  const store = new MemoryStore({ isPatient: false })
  const queue = new Queue<Data>('timed', { backend: store.backend(), ...options })
  /** Another program. */
  const another = (fate: Fate = spared) => {
    const backend = new DoomedBackend(store.backend(), fate)
    const own = new Queue<Data>('timed', { ...options, backend })
    return { backend, queue: own, schedules: new Schedules(own), scheduler: schedulerOf(own) }
  }
  return {
    queue,
    store,
    another,
    schedules: new Schedules(queue),
    scheduler: schedulerOf(queue),
    objects: async () => (await queue[source].open()).objects,
    keys: async (prefix = 'cron/') =>
      (await (await queue[source].open()).objects.list(prefix)).objects.map(({ key }) => key),
    /** The jobs that a worker gets now, each of which it completes. */
    async arrived(): Promise<readonly Job<Data>[]> {
      const jobs: Job<Data>[] = []
      for (;;) {
        const job = await queue.next('pending', { waitSeconds: 0 })
        if (!job) return jobs
        jobs.push(job)
        await job.complete()
      }
    },
  }
}

/** Sets the virtual clock. */
export function at(time: string): void {
  vi.setSystemTime(Date.parse(time))
}
