import { setTimeout as delay } from 'node:timers/promises'
import { vi } from 'vitest'
import type { Backend, OpenBackend } from '../../src/backend.ts'
import { hasCode } from '../../src/errors.ts'
import { type Job, JobFailedError, type JobOptions, type JobResult, Queue } from '../../src/index.ts'
import { settingsFrom } from '../../src/lifecycle/settings.ts'
import { inputKey } from '../../src/protocol/keys.ts'
import { brokenInvariants, Told } from '../invariants.ts'
import { DoomedBackend, type Fate } from '../lifecycle/crash-process.ts'
import { Witness } from '../witness.ts'
import { MemoryStore } from './memory-backend.ts'
import type { Mutant } from './mutants.ts'

type Data = Record<string, unknown>

/** A job in the hands of a process that lives. */
interface Hand {
  readonly job: Job<Data>
  readonly by: string
}

const name = 'model'
const attempts = 2
/** Above what rides in a result. */
const large = (by: string): Buffer => Buffer.alloc(66 * 1024, by)
/** Refusals that a worker or requester has to live with. */
const expected = ['ALREADY_SETTLED', 'LEASE_LOST', 'UNAVAILABLE', 'ID_IN_USE', 'JOB_NOT_FOUND', 'NOT_FOUND'] as const

/** One queue over one store, the processes that use it, and all that they did and were told. Time is `Date`'s, and virtual. */
export class ModelWorld {
  readonly store = new MemoryStore({ isPatient: false })
  readonly told = new Told()
  readonly hands: Hand[] = []
  readonly ids: string[] = []
  readonly #witness = new Witness()
  readonly #mutant: Partial<Mutant>
  readonly #living: Queue<Data>
  readonly #raw: OpenBackend
  #deliveries = 0

  constructor(mutant: Partial<Mutant> = {}) {
    this.#mutant = mutant
    this.#raw = this.#real().open(this.place)
    this.#living = this.#process(this.#watched())
  }

  get place() {
    return settingsFrom(name, { attempts }).place
  }

  get messages() {
    return this.store.messages(`${name}-pending`)
  }

  passSeconds(seconds: number): void {
    vi.setSystemTime(Date.now() + seconds * 1000)
  }

  /** Lets a process of its own do something, until its fate strikes it. */
  async doom(fate: Fate, act: (queue: Queue<Data>) => Promise<unknown>): Promise<readonly string[]> {
    const doomed = new DoomedBackend(this.#watched(), fate)
    const queue = this.#process(doomed)
    await queue.ready()
    await Promise.race([tolerate(() => act(queue)), doomed.died])
    return doomed.calls
  }

  async submit(options: JobOptions, queue = this.#living): Promise<void> {
    await tolerate(async () => {
      const { id } = await queue.submit({ body: 'some input' }, options)
      this.told.submitted.add(id)
      if (!this.ids.includes(id)) this.ids.push(id)
    })
  }

  /** The next job, of those that are there; it must be one that has its input. */
  async take(queue = this.#living): Promise<Hand | undefined> {
    const job = await queue.next('pending', { waitSeconds: 0 })
    if (!job) return undefined
    const by = `d${(this.#deliveries += 1)}`
    if (job.key?.startsWith('inputs/') && !(await this.#raw.objects.head(inputKey(job.id)))) {
      this.#witness.misdeeds.push(`job ${job.id} is handed out, and has no input`)
    }
    const hand = { job, by }
    if (queue === this.#living) this.hands.push(hand)
    return hand
  }

  async end({ job, by }: Hand, status: 'completed' | 'failed'): Promise<void> {
    const outcome = { value: by, assets: { large: large(by), small: by } }
    await tolerate(async () => {
      await (status === 'completed' ? job.complete(outcome) : job.fail(new Error('no such luck'), outcome))
      this.told.committed.push({ id: job.id, by, status })
    })
  }

  async release({ job }: Hand, counted: boolean): Promise<void> {
    await tolerate(() => job.release({ counted, delaySeconds: counted ? 5 : 0 }))
  }

  /** A worker keeps a job until its message has to be replaced, hours later. */
  async renew({ job }: Hand): Promise<void> {
    await beat(job, 43_200)
    this.passSeconds(41_500)
    await beat(job, 30)
  }

  async acknowledge({ job, by }: Hand): Promise<void> {
    await tolerate(async () => {
      const isOver = job.settled
      await job.acknowledge()
      // Of a job that is over it says nothing.
      if (!isOver) this.told.work.push({ id: job.id, by, what: 'acknowledged' })
    })
  }

  async cancel(id: string, queue = this.#living): Promise<void> {
    await tolerate(async () => this.told.cancelled.push({ id, answer: await queue.cancel(id) }))
  }

  async reap(queue = this.#living): Promise<number> {
    const { failed, lost, resent } = await queue.reap()
    return failed.length + lost.length + resent.length
  }

  /** Whoever asks is told the end, if there is one. */
  async ask(id: string): Promise<void> {
    try {
      this.told.ends.push(await this.#living.result(id, { timeoutSeconds: 0 }))
    } catch (error) {
      if (error instanceof JobFailedError) this.told.ends.push(error.result)
      else if (hasCode(error, 'JOB_CANCELLED')) this.told.statuses.push({ id, status: 'cancelled' })
      else if (hasCode(error, 'JOB_EXPIRED')) this.told.statuses.push({ id, status: 'expired' })
      else if (!hasCode(error, 'TIMED_OUT')) throw error
    }
  }

  /** A message of somebody else's. */
  async post(body: string): Promise<void> {
    await this.#watched().open(this.place).queue(`${name}-pending`).send({ body })
  }

  /** From here on all is fair: what is there to do is done, whoever died. Then nothing may be left, and no invariant broken. */
  async finish(): Promise<readonly string[]> {
    for (let round = 0, quiet = 0; round < 10 && quiet < 2; round += 1) {
      const before = this.#witness.deliveries
      await this.#workOff('pending', (job) => this.end({ job, by: `d${(this.#deliveries += 1)}` }, 'completed'))
      const isIdle = this.#witness.deliveries === before
      // Long enough for every claim to be given up, and for every lease.
      this.passSeconds(13 * 3600)
      quiet = (await this.reap()) === 0 && isIdle ? quiet + 1 : 0
    }
    for (const id of this.told.submitted) await this.ask(id)
    for (const status of ['completed', 'failed']) await this.#workOff(status, (job) => this.#listen(job))
    const { told, place } = this
    const broken = await brokenInvariants({ witness: this.#witness, told, opened: this.#raw, place })
    for (const end of told.ends)
      if (!(await isOfOneAttempt(end))) broken.push(`job ${end.id} has the bytes of another attempt`)
    return [...broken, ...(await this.#strangeCalls())]
  }

  async #workOff(status: string, work: (job: Job<Data>) => Promise<void>): Promise<void> {
    for (let calls = 0, quiet = 0; quiet < 2; calls += 1) {
      if (calls === 200) return void this.#witness.misdeeds.push(`the queue of ${status} jobs never came to an end`)
      const before = this.#witness.deliveries
      const job = status === 'pending' ? (await this.take())?.job : await this.#living.next(status, { waitSeconds: 0 })
      if (job) await work(job)
      if (this.#witness.deliveries > before) continue
      quiet += 1
      this.passSeconds(901)
    }
  }

  async #listen(job: Job<Data>): Promise<void> {
    this.told.ends.push(await job.result())
    await job.acknowledge()
  }

  /** A job to which nothing happens costs what the table says. */
  async #strangeCalls(): Promise<string[]> {
    const calls = await this.doom({ strikes: () => false, takesEffect: false, end: 'death' }, async (queue) => {
      const { id } = await queue.submit({ body: 'some input' })
      const job = await queue.next('pending', { waitSeconds: 0 })
      await job?.complete({ value: id })
    })
    const kinds = calls.map((call) => call.replace(/\/.*| model/, ' ')).map((call) => call.trim().replaceAll(' -', ' '))
    const table = [
      'put inputs',
      'send pending',
      'receive pending',
      'get results',
      'put if absent results',
      'send completed',
      'delete from pending',
    ]
    return this.#mutant.mistake === undefined && kinds.join() !== table.join()
      ? [`a job cost other calls than the table says: ${kinds.join()}`]
      : []
  }

  #real(): Backend {
    return this.#mutant.below?.(this.store.backend()) ?? this.store.backend()
  }

  #watched(): Backend {
    return this.#witness.watch(this.#real())
  }

  #process(backend: Backend): Queue<Data> {
    return new Queue<Data>(name, { attempts, backend: this.#mutant.above?.(backend) ?? backend })
  }
}

/** As people do: what did not work did not work. */
async function tolerate(act: () => Promise<unknown>): Promise<void> {
  try {
    await act()
  } catch (error) {
    if (!expected.some((code) => hasCode(error, code))) throw error
  }
}

/** One heartbeat, now: a lease that is longer than the last, or a message that has to be replaced, begins at once. */
async function beat(job: Job<Data>, leaseSeconds: number): Promise<void> {
  await tolerate(async () => {
    const holding = job.hold(leaseSeconds)
    await delay(1)
    await holding[Symbol.asyncDispose]()
  })
}

async function isOfOneAttempt({ value, assets }: JobResult): Promise<boolean> {
  if (typeof value !== 'string' || !assets['large']) return true
  // One that is gone or was replaced is found by its record, too.
  const bytes = await assets['large'].bytes().catch(() => undefined)
  return bytes?.equals(large(value)) === true && (await assets['small']?.text()) === value
}
