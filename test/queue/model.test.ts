import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { isRemoteJobError, type Job, type JobHandle } from '../../src/index.ts'
import { onLocal, type Scene, useStage } from './setup.ts'

/** What may happen next; `at` chooses one of the jobs there are. */
interface Step {
  readonly act:
    | 'submit'
    | 'take'
    | 'complete'
    | 'fail'
    | 'release'
    | 'give back'
    | 'cancel'
    | 'leave'
    | 'time passes'
    | 'ask again'
  readonly at: number
}

/** What a job should be, as far as it went. */
interface Expected {
  readonly handle: JobHandle
  /** The same request once more, where its id was the requester's: another message for the same job. */
  readonly again: (() => Promise<JobHandle>) | undefined
  fate: 'completed' | 'failed' | 'cancelled' | undefined
  deliveries: number
  uncounted: number
}

interface Hand {
  readonly job: Job
  over: boolean
}

/** A queue, its requesters and workers, and what all of it should come to. */
class World {
  readonly #scene: Scene<Record<string, unknown>, Record<string, unknown>>
  readonly #jobs = new Map<string, Expected>()
  readonly #hands: Hand[] = []
  readonly #ownIds: boolean
  #leases = 0

  constructor(scene: Scene<Record<string, unknown>, Record<string, unknown>>, ownIds: boolean) {
    this.#scene = scene
    this.#ownIds = ownIds
  }

  async perform({ act, at }: Step): Promise<void> {
    const expected = [...this.#jobs.values()][at % Math.max(1, this.#jobs.size)]
    const hand = this.#hands[at % Math.max(1, this.#hands.length)]
    switch (act) {
      case 'submit': {
        const ask = (): Promise<JobHandle> => this.#scene.queue.submit({ at }, { id })
        const id = this.#ownIds ? `job-${this.#jobs.size}` : undefined
        const handle = await ask()
        const again = this.#ownIds ? ask : undefined
        this.#jobs.set(handle.id, { handle, again, fate: undefined, deliveries: 0, uncounted: 0 })
        return
      }
      case 'take':
        await this.take()
        return
      case 'time passes':
        // Ten leases that end in nothing would make a job poison.
        this.#leases += 1
        if (this.#leases < 8) vi.setSystemTime(Date.now() + 31_000)
        return
      case 'cancel':
        if (expected) await this.#cancel(expected)
        return
      case 'ask again':
        if (expected?.again) await expected.again()
        return
      case 'complete':
      case 'fail':
      case 'release':
      case 'give back':
      case 'leave':
        if (hand) await this.#end(hand, act)
    }
  }

  async take(): Promise<Job | undefined> {
    const job = await this.#scene.queue.next('pending', { waitSeconds: 0 })
    if (!job) return undefined
    const expected = this.#of(job)
    expect(expected.fate).toBeUndefined()
    expected.deliveries += 1
    // Each of several messages for one job counts its own deliveries.
    if (!expected.again) expect(job.attempt).toBe(expected.deliveries - expected.uncounted)
    this.#hands.push({ job, over: false })
    return job
  }

  /** Everything is worked off by one diligent worker; then all must be as was promised. */
  async finish(): Promise<void> {
    vi.setSystemTime(Date.now() + 31_000)
    for (let job = await this.take(); job; job = await this.take()) {
      const problem = await this.#act(job, 'complete')
      expect(problem).toBeUndefined()
      this.#of(job).fate = 'completed'
    }
    const told = new Set([...(await this.#announced('completed')), ...(await this.#announced('failed'))])
    for (const [id, { handle, fate }] of this.#jobs) {
      expect(await handle.status()).toBe(fate)
      expect(told).toContain(`${fate === 'completed' ? 'completed' : 'failed'} ${id}`)
    }
    expect(told.size).toBe(this.#jobs.size)
    expect((await this.#scene.keys('results/')).length).toBe(this.#jobs.size)
    expect(await this.#scene.deadLetters()).toEqual([])
  }

  async #cancel(expected: Expected): Promise<void> {
    const cancelled = await expected.handle.cancel()
    expect(cancelled).toBe(expected.fate === undefined || expected.fate === 'cancelled')
    if (cancelled) expected.fate = 'cancelled'
  }

  async #end(hand: Hand, act: 'complete' | 'fail' | 'release' | 'give back' | 'leave'): Promise<void> {
    const expected = this.#of(hand.job)
    const before = expected.fate
    const wasOver = hand.over
    const problem = await this.#act(hand.job, act)
    if (act === 'leave') {
      hand.over = true
      return
    }
    if (problem !== undefined) {
      expect(['ALREADY_SETTLED', 'LEASE_LOST']).toContain(problem)
      if (!wasOver && before === undefined)
        expect([act, problem]).toEqual([expect.stringMatching('release|give back'), 'LEASE_LOST'])
      return
    }
    if (act === 'give back' && !wasOver) expected.uncounted += 1
    const wanted = act === 'complete' ? 'completed' : act === 'fail' ? 'failed' : undefined
    if (wanted) expect(before ?? wanted).toBe(wanted)
    if (wanted) expected.fate = wanted
    hand.over = true
  }

  async #act(job: Job, act: 'complete' | 'fail' | 'release' | 'give back' | 'leave'): Promise<string | undefined> {
    try {
      if (act === 'complete') await job.complete({ output: 'x' })
      else if (act === 'fail') await job.fail(new Error('no'))
      else if (act === 'leave') await job[Symbol.asyncDispose]()
      else await job.release({ counted: act === 'release' })
      return undefined
    } catch (error) {
      if (!isRemoteJobError(error)) throw error
      return error.code
    }
  }

  async #announced(status: string): Promise<string[]> {
    const told: string[] = []
    for (;;) {
      const job = await this.#scene.queue.next(status, { waitSeconds: 0 })
      if (!job) return told
      told.push(`${status} ${job.id}`)
      await job.acknowledge()
    }
  }

  #of({ id }: Job): Expected {
    const expected = this.#jobs.get(id)
    if (!expected) throw new Error(`Nobody submitted ${id}`)
    return expected
  }
}

describe('whatever happens to jobs, in whatever order', () => {
  const { setup } = useStage(onLocal)
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
  afterEach(() => void vi.useRealTimers())

  const step: fc.Arbitrary<Step> = fc.record({
    act: fc.constantFrom(
      'submit',
      'submit',
      'take',
      'take',
      'take',
      'complete',
      'fail',
      'release',
      'give back',
      'cancel',
      'leave',
      'time passes',
      'ask again',
    ),
    at: fc.nat({ max: 20 }),
  })

  test.each([
    { ids: 'the library’s', ownIds: false },
    { ids: 'the requesters’ own', ownIds: true },
  ])('each has one fate, told to everybody, and none is lost, with ids of $ids', async ({ ownIds }) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
        const world = new World(await setup(), ownIds)
        for (const next of steps) await world.perform(next)
        await world.finish()
      }),
      { numRuns: 100 },
    )
  })
})
