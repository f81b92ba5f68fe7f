import { setTimeout as delay } from 'node:timers/promises'
import { isJsonObject, type JsonObject, parseJson } from '../../src/protocol/json.ts'
import type { Emulator, Fault, RecordedRequest } from '../servers/emulator.ts'
import { early, late, undeleted } from '../servers/mischief.ts'
import type { Interposer } from '../servers/proxy.ts'
import type { Random } from './random.ts'

type Performed = Parameters<Interposer>[0]
type Reply = Awaited<ReturnType<Interposer>>

/** Shares of all requests; together a tenth. */
const faults = {
  dropped: 0.018,
  'answer dropped': 0.018,
  'body cut': 0.014,
  'status 500': 0.012,
  'status 503': 0.012,
  'status 429': 0.008,
  'status 409': 0.008,
  late: 0.01,
}
/** Shares of the messages sent, deleted and received. */
const doubledShare = 0.05
const undeletedShare = 0.05
const earlyShare = 0.03

type FaultName = keyof typeof faults
const answers: Record<Exclude<FaultName, 'late'>, Pick<Fault, 'when' | 'answer'>> = {
  dropped: { answer: 'drop' },
  'answer dropped': { when: 'after', answer: 'drop' },
  'body cut': { when: 'after', answer: 'cut' },
  'status 500': { answer: { status: 500, code: 'InternalError' } },
  'status 503': { answer: { status: 503, code: 'SlowDown' } },
  'status 429': { answer: { status: 429, code: 'TooManyRequests' } },
  'status 409': { answer: { status: 409, code: 'ConditionalRequestConflict' } },
}

/**
 * Bad weather between workers and services: a tenth of the requests fails, messages come twice, come back after they were deleted,
 * and are handed to others before their lease is over. And a look at every result that is written.
 */
export class Weather {
  readonly #random: Random
  readonly #queue: string
  readonly #emulator: Emulator
  #requests = 0
  readonly #drawn = new WeakMap<RecordedRequest, FaultName | undefined>()
  readonly #late = new WeakMap<object, boolean>()
  readonly #results = new Map<string, number>()
  readonly #ends = new AbortController()
  readonly #meanwhile = new Set<Promise<unknown>>()
  /** How often what happened. */
  readonly counts: Record<string, number> = {}
  /** What may not happen to a result, and did. */
  readonly misdeeds: string[] = []
  isBad = true

  /** @param queue The full name of the queue whose messages come twice */
  constructor(random: Random, emulator: Emulator, queue: string) {
    this.#random = random
    this.#queue = queue
    this.#emulator = emulator
    this.#arm()
    emulator.interpose = (request, perform) => this.#interpose(request, perform)
  }

  #arm(): void {
    for (const [name, fault] of Object.entries(answers)) {
      this.#emulator.fail({
        ...fault,
        times: Number.POSITIVE_INFINITY,
        where: (request) => this.#draw(request) === name,
      })
    }
  }

  /** Nothing fails any more; what was to come twice has come. */
  async clear(): Promise<void> {
    this.isBad = false
    this.#ends.abort()
    await Promise.all(this.#meanwhile)
  }

  /** One draw a request, though every fault asks. Only conditional writes can be answered by 409. */
  #draw(request: RecordedRequest): FaultName | undefined {
    if (!this.isBad) return undefined
    if (this.#drawn.has(request)) return this.#drawn.get(request)
    const drawn = this.#random.pick(faults)
    const name = drawn === 'status 409' && request.headers['if-none-match'] === undefined ? 'status 503' : drawn
    this.#drawn.set(request, name)
    this.#forgetNowAndThen()
    this.#count('requests')
    if (name) this.#count(name)
    if (name === 'late') this.#late.set(request.headers, true)
    return name
  }

  /** The emulator keeps every request, which is too much of a long run. */
  #forgetNowAndThen(): void {
    this.#requests += 1
    if (this.#requests % 5000 !== 0) return
    this.#emulator.reset()
    this.#arm()
  }

  async #interpose(request: Performed, perform: (request: Performed) => Promise<Reply>): Promise<Reply> {
    const performed = (one: Performed): Promise<Reply> => this.#perform(one, perform)
    const isLate = this.#late.has(request.headers)
    const reply = await (isLate ? late(request, performed, this.#random.between(0.1, 2)) : performed(request))
    this.#see(request, reply)
    return reply
  }

  async #perform(request: Performed, perform: (request: Performed) => Promise<Reply>): Promise<Reply> {
    const given = parseJson(request.body)
    if (!this.isBad || request.service !== 'sqs' || !isJsonObject(given)) return perform(request)
    if (request.operation.startsWith('DeleteMessage') && this.#happens(undeletedShare, 'deletions undone', given))
      return undeleted(request)
    if (request.operation === 'ReceiveMessage' && this.#happens(earlyShare, 'receives with leases that end early')) {
      return early(request, perform, 1)
    }
    const isSend = request.operation.startsWith('SendMessage') && request.key === this.#queue
    if (isSend && this.#happens(doubledShare, 'messages doubled', given)) this.#later(() => perform(request))
    return perform(request)
  }

  /** A second copy: at the same time as the first, or when that is long done. */
  #later(act: () => Promise<unknown>): void {
    const done = delay(this.#random.between(0, 6000), undefined, { signal: this.#ends.signal })
      .catch(() => {})
      .then(act)
      .finally(() => this.#meanwhile.delete(done))
    this.#meanwhile.add(done)
  }

  #see({ operation, key, headers }: Performed, { status }: Reply): void {
    if (!key?.startsWith('results/') || status >= 300) return
    if (operation === 'DeleteObject') this.misdeeds.push(`${key} was deleted`)
    if (operation !== 'PutObject') return
    const times = (this.#results.get(key) ?? 0) + 1
    this.#results.set(key, times)
    if (times > 1) this.misdeeds.push(`${key} was written ${times} times`)
    if (headers['if-none-match'] !== '*') this.misdeeds.push(`${key} was written whatever was there`)
  }

  #happens(share: number, name: string, { Entries }: JsonObject = {}): boolean {
    if (this.#random.next() >= share) return false
    this.#count(name, Array.isArray(Entries) ? Entries.length : 1)
    return true
  }

  #count(name: string, times = 1): void {
    this.counts[name] = (this.counts[name] ?? 0) + times
  }
}
