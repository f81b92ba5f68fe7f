import { randomUUID } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import type { Backend, OpenBackend } from '../../src/backend.ts'
import {
  isRemoteJobError,
  type Job,
  JobFailedError,
  type JobHandle,
  type JobOptions,
  type JobResult,
  Queue,
  type QueueOptions,
} from '../../src/index.ts'
import { vi } from 'vitest'
import { hasCode } from '../../src/errors.ts'
import { settingsFrom } from '../../src/lifecycle/settings.ts'
import { brokenInvariants, Told } from '../invariants.ts'
import { Witness } from '../witness.ts'
import { DoomedBackend, type Fate } from './crash-process.ts'

type Data = Record<string, unknown>

/** Above what rides in a result. */
export const large = (attempt: number): Buffer => Buffer.alloc(70 * 1024, attempt)
export const small = (attempt: number): string => `small, of attempt ${attempt}`

/** Rounds of a fair worker after which a queue that still hands out messages never ends. */
const maxRounds = 60

/** One queue, the processes that use it, and all that they did and were told. */
export class World {
  readonly name = `q${randomUUID().slice(0, 13)}`
  readonly witness = new Witness()
  readonly told = new Told()
  /** A process that lives. */
  readonly living: Queue<Data>
  /** The backend unwatched, bound to the queue's names. */
  readonly raw: OpenBackend
  readonly #backend: () => Backend
  readonly #options: QueueOptions<Data, Data>
  readonly #metadata = new Map<string, string>()
  readonly #names = new WeakMap<Job<Data>, string>()
  /** Jobs in the hands of the process that lives. */
  readonly held: Job<Data>[] = []
  readonly #opened: { close(): Promise<void> }[] = []
  readonly #meanwhile: Promise<unknown>[] = []
  #deliveries = 0
  #leaseSeconds = 30

  /** @param backend Makes a backend as a process of its own would have it */
  constructor(backend: () => Backend, options: QueueOptions<Data, Data> = {}) {
    this.#backend = backend
    this.#options = options
    this.raw = this.#closeLater(backend().open(this.place))
    this.living = this.process()
  }

  get place() {
    return settingsFrom(this.name, this.#options).place
  }

  /** Another process that lives. */
  process(options: QueueOptions<Data, Data> = {}): Queue<Data> {
    const backend = this.witness.watch(this.#backend())
    return this.#closeLater(new Queue<Data>(this.name, { ...this.#options, backend, ...options }))
  }

  /** Lets a process do something until that is done, or its fate has struck it dead. */
  async doom(
    fate: Fate,
    act: (queue: Queue<Data>) => Promise<unknown>,
    options?: QueueOptions<Data, Data>,
  ): Promise<DoomedBackend> {
    const real = this.witness.watch(this.#backend())
    const doomed = new DoomedBackend({ open: (place) => this.#closeLater(real.open(place)) }, fate)
    const queue = new Queue<Data>(this.name, { ...this.#options, ...options, backend: doomed })
    await Promise.race([queue.ready(), doomed.died])
    await Promise.race([act(queue).catch(ignoreFault), doomed.died])
    return doomed
  }

  /** What a process that lives does while another may die. */
  meanwhile(work: Promise<unknown>): void {
    this.#meanwhile.push(work)
  }

  passSeconds(seconds: number): void {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1000 })
  }

  /** A message put into a queue by hand, by whoever writes others than ours. */
  async post(body: string, status = 'pending'): Promise<void> {
    await this.living.ready()
    const watched = this.witness.watch({ open: () => this.raw }).open(this.place)
    await watched.queue(`${this.name}-${status}`).send({ body })
  }

  async submit(queue: Queue<Data>, job: Data, options?: JobOptions): Promise<JobHandle> {
    const handle = await queue.submit(job, options)
    this.told.submitted.add(handle.id)
    const { body: _, key: __, ...metadata } = job
    this.#metadata.set(handle.id, JSON.stringify(metadata))
    return handle
  }

  async trigger(queue: Queue<Data>, key: string, options?: JobOptions): Promise<JobHandle> {
    const handle = await queue.trigger('pending', key, options)
    this.told.submitted.add(handle.id)
    return handle
  }

  /** The next job, of those that are there. */
  async take(queue: Queue<Data>, status = 'pending'): Promise<Job<Data> | undefined> {
    const job = await queue.next(status, { waitSeconds: 0 })
    if (!job || status !== 'pending') return job
    const by = `delivery ${(this.#deliveries += 1)}`
    this.#names.set(job, by)
    this.told.work.push({ id: job.id, by, what: 'handed' })
    if (queue === this.living) this.held.push(job)
    return job
  }

  /** A job that must be there, if only when the lease of a lost answer is over. */
  async taken(queue: Queue<Data>): Promise<Job<Data>> {
    const job = await this.take(queue)
    if (job) return job
    await this.witness.endLeases()
    const later = await this.take(queue)
    if (later) return later
    throw new Error('There is no job to take')
  }

  /** Ends a job with a large asset and a small one that name the attempt. */
  async complete(job: Job<Data>): Promise<void> {
    const { attempt } = job
    const assets = { output: large(attempt), note: small(attempt) }
    await this.#settle(job, 'completed', () => job.complete({ value: attempt, assets }))
  }

  async fail(job: Job<Data>): Promise<void> {
    const { attempt } = job
    const assets = { output: large(attempt), note: small(attempt) }
    await this.#settle(job, 'failed', () => job.fail(new Error('no such luck'), { value: attempt, assets }))
  }

  async acknowledge(job: Job<Data>): Promise<void> {
    await persist(() => job.acknowledge())
    this.told.work.push({ id: job.id, by: this.#names.get(job) ?? '', what: 'acknowledged' })
  }

  /** Gives a job back; to one who asks twice, the second answer is that it is not theirs any more. */
  async release(job: Job<Data>): Promise<void> {
    await persist(() => job.release({ error: new Error('busy') })).catch((error: unknown) => {
      if (!hasCode(error, 'LEASE_LOST')) throw error
    })
  }

  /** One heartbeat, now: a lease that is longer than the last begins at once. */
  async beat(job: Job<Data>): Promise<void> {
    const holding = job.hold((this.#leaseSeconds += 1))
    await delay(1)
    await holding[Symbol.asyncDispose]()
  }

  /** Heartbeats of a job for as long as that. */
  async keepAlive(job: Job<Data>, seconds: number): Promise<void> {
    for (let passed = 0; passed < seconds; passed += 20) {
      this.passSeconds(20)
      await this.beat(job)
    }
  }

  /** The heartbeat at which a message that was received nearly too often is replaced. */
  async renew(job: Job<Data>): Promise<void> {
    this.passSeconds(11)
    await this.beat(job)
  }

  async cancel(queue: Queue<Data>, id: string): Promise<boolean> {
    const answer = await persist(() => queue.cancel(id))
    this.told.cancelled.push({ id, answer })
    return answer
  }

  /** Time passes, a fair worker does all that there is to do, requesters and listeners learn of it. */
  async recover(): Promise<void> {
    await Promise.all(this.#meanwhile)
    await this.#workOff('pending', (job) => this.#work(job))
    for (const id of this.told.submitted) await this.#ask(id)
    for (const status of ['completed', 'failed']) await this.#workOff(status, (job) => this.#listen(job))
    await this.witness.endLeases()
  }

  /** What was broken in this run, in words. */
  async broken(): Promise<string[]> {
    const { witness, told, raw: opened, place } = this
    const broken = await brokenInvariants({ witness, told, opened, place })
    for (const end of told.ends)
      if (!(await isOfOneAttempt(end))) broken.push(`job ${end.id} has the bytes of another attempt`)
    return broken
  }

  /** Files that no result names: of attempts that came second, or were cut off. */
  async litter(): Promise<string[]> {
    const readings = await Promise.all((await this.keys('results/')).map((key) => this.raw.objects.get(key)))
    const records = await Promise.all(readings.flatMap((reading) => (reading ? [text(reading.body)] : [])))
    return (await this.keys('assets/')).filter((key) => !records.join().includes(key))
  }

  /** Keys below a prefix. */
  async keys(prefix: string): Promise<string[]> {
    return (await this.raw.objects.list(prefix)).objects.map(({ key }) => key)
  }

  async close(): Promise<void> {
    vi.useRealTimers()
    await Promise.all(this.#opened.map((one) => one.close()))
  }

  async #workOff(status: string, work: (job: Job<Data>) => Promise<void>): Promise<void> {
    for (let round = 0; round < maxRounds; round += 1) {
      await this.witness.endLeases()
      const before = this.witness.deliveries
      const job = await this.take(this.living, status)
      if (job) await work(job)
      else if (this.witness.deliveries === before) return
    }
    this.witness.misdeeds.push(`the queue of ${status} jobs never came to an end`)
  }

  async #work(job: Job<Data>): Promise<void> {
    const asked = this.#metadata.get(job.id) ?? JSON.stringify(job.metadata)
    if (JSON.stringify(job.metadata) !== asked) this.witness.misdeeds.push(`job ${job.id} has other metadata`)
    if (this.told.submitted.has(job.id)) {
      const { byteLength } = await job.bytes().catch(() => Buffer.from('gone'))
      if (byteLength !== (job.size ?? 0)) this.witness.misdeeds.push(`the input of job ${job.id} is gone`)
    }
    await this.complete(job)
  }

  async #listen(job: Job<Data>): Promise<void> {
    this.told.ends.push(await job.result())
    await job.acknowledge()
  }

  async #ask(id: string): Promise<void> {
    try {
      this.told.ends.push(await this.living.result(id, { timeoutSeconds: 0 }))
    } catch (error) {
      if (error instanceof JobFailedError) this.told.ends.push(error.result)
      else if (hasCode(error, 'JOB_CANCELLED')) this.told.statuses.push({ id, status: 'cancelled' })
      else if (hasCode(error, 'JOB_EXPIRED')) this.told.statuses.push({ id, status: 'expired' })
      else if (!hasCode(error, 'TIMED_OUT')) throw error
    }
  }

  async #settle(job: Job<Data>, status: 'completed' | 'failed', act: () => Promise<void>): Promise<void> {
    try {
      await persist(act)
    } catch (error) {
      if (hasCode(error, 'ALREADY_SETTLED')) return
      throw error
    }
    this.told.committed.push({ id: job.id, by: this.#names.get(job) ?? '', status })
  }

  #closeLater<Closable extends { close(): Promise<void> }>(opened: Closable): Closable {
    this.#opened.push(opened)
    return opened
  }
}

/** As people do: what did not work is tried once more. */
async function persist<Result>(act: () => Promise<Result>): Promise<Result> {
  try {
    return await act()
  } catch (error) {
    if (!hasCode(error, 'UNAVAILABLE')) throw error
    return act()
  }
}

/** A process that was told of the fault may end with it. */
function ignoreFault(error: unknown): void {
  if (!isRemoteJobError(error) || error.code !== 'UNAVAILABLE') throw error
}

async function isOfOneAttempt({ value, assets }: JobResult): Promise<boolean> {
  if (typeof value !== 'number' || !assets['output']) return true
  try {
    return (await assets['output'].bytes()).equals(large(value)) && (await assets['note']?.text()) === small(value)
  } catch {
    return false
  }
}
