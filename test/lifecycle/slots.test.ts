import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { ListedObject } from '../../src/backend.ts'
import type { Slot } from '../../src/lifecycle/slot.ts'
import { writeEntry } from '../../src/lifecycle/slot.ts'
import { hasFreeSlot, takeSlot } from '../../src/lifecycle/slots.ts'
import { joinLine, leaveLine, wakeNext } from '../../src/lifecycle/waiting-line.ts'
import type { Workspace } from '../../src/lifecycle/workspace.ts'
import { source } from '../../src/worker.ts'
import { grounds, onLocal, useStage } from '../queue/setup.ts'
import { DoomedBackend, type Fate } from './crash-process.ts'
import { blows } from './crash-sweep.ts'
import { useCosts } from './cost-setup.ts'

const leaseSeconds = 3
const only = { name: 'job', count: 1, leaseSeconds }

/** A slot, let go of at the end of the test. */
async function taken(w: Workspace, wanted = only): Promise<Slot | undefined> {
  const { slot } = await takeSlot(w, wanted)
  if (slot) onTestFinished(() => slot.release())
  return slot
}

/** A slot as soon as there is one. */
async function awaited(w: Workspace, wanted = only): Promise<Slot> {
  return vi.waitFor(async () => (await taken(w, wanted)) ?? raise('all are held'), { timeout: 20_000, interval: 200 })
}

function raise(message: string): never {
  throw new Error(message)
}

const entries = async ({ objects }: Workspace): Promise<readonly ListedObject[]> =>
  (await objects.list('slots/job/')).objects

afterEach(() => void vi.useRealTimers())

describe.each(grounds)('slots over $ground', ({ start }) => {
  const stage = useStage(start)
  const setup = async (): Promise<Workspace> => (await stage.setup()).queue[source].open()

  test('are held by so many at a time, however many ask at once, and all get one in the end', async () => {
    const w = await setup()
    const wanted = { ...only, count: 3 }
    let holders = 0
    const seen: number[] = []
    const holdOnce = async (): Promise<void> => {
      const slot = await awaited(w, wanted)
      seen.push((holders += 1))
      await wait(30)
      holders -= 1
      await slot.release()
    }
    await Promise.all(Array.from({ length: 12 }, holdOnce))
    expect(seen).toHaveLength(12)
    expect(Math.max(...seen)).toBeLessThanOrEqual(3)
    // The last release of each, and what it released.
    expect((await entries(w)).length).toBeLessThanOrEqual(6)
  })

  test('are kept for as long as their holder lives, and nothing of it piles up', { timeout: 60_000 }, async () => {
    const w = await setup()
    const slot = await taken(w)
    const numberOf = ({ key = '' }: Partial<ListedObject> = {}): number => Number(key.split('/').at(-1))
    // Four renewals: longer than a lease.
    while (numberOf((await entries(w)).at(-1)) < 5) {
      expect((await takeSlot(w, only)).slot).toBeUndefined()
      expect((await entries(w)).length).toBeLessThanOrEqual(2)
      await wait(100)
    }
    expect(slot?.lost.aborted).toBe(false)
  })

  test('come back when their holder has died, not before its lease is over', { timeout: 60_000 }, async () => {
    const { queue, another, backend } = await stage.setup()
    const w = await queue[source].open()
    // It hears of nothing after its take.
    const dead = another({
      backend: new DoomedBackend(backend, {
        strikes: (name) => name.startsWith('put if absent') && name.endsWith('2'),
        takesEffect: false,
        end: 'death',
      }),
    })
    expect((await takeSlot(await dead[source].open(), only)).slot).toBeDefined()
    const [before] = await entries(w)
    await awaited(w)
    const [after] = await entries(w)
    const age = (after?.lastModified.getTime() ?? 0) - (before?.lastModified.getTime() ?? 0)
    expect(age).toBeGreaterThanOrEqual(leaseSeconds * 1000)
  })

  test('are of one name each', async () => {
    const w = await setup()
    expect(await taken(w)).toBeDefined()
    expect(await taken(w, { ...only, name: 'job-2' })).toBeDefined()
    expect(await taken(w)).toBeUndefined()
  })

  test('wake who has waited longest and still sleeps', async () => {
    const { queue, raw, name } = await stage.setup()
    const w = await queue[source].open()
    const pending = raw.queue(`${name}-pending`)
    for (const body of ['a', 'b', 'c', 'd']) await pending.send({ body })
    const sleepers = new Map<string, string>()
    while (sleepers.size < 4) {
      const come = await pending.receive({ max: 10, waitSeconds: 1, leaseSeconds: 600 })
      for (const { body, receipt } of come) sleepers.set(body, receipt)
    }
    const place = (id: string, at: number) => ({ name: 'job', id, at })
    for (const [id, at] of [
      ['a', 4],
      ['b', 2],
      ['c', 1],
      ['d', 3],
    ] as const)
      await joinLine(w, place(id, at), sleepers.get(id) ?? '')
    // One that ended by itself.
    await pending.delete(sleepers.get('c') ?? '')
    const places = (await entries(w)).map(({ key }) => key)
    expect(await leaveLine(w, place('d', 3), places)).toHaveLength(3)
    const woken = async (): Promise<string | undefined> => {
      await wakeNext(w, 'job')
      return (await pending.receive({ max: 1, waitSeconds: 1, leaseSeconds: 600 }))[0]?.body
    }
    expect([await woken(), await woken(), await woken()]).toEqual(['b', 'a', undefined])
    expect(await entries(w)).toEqual([])
  })
})

describe('over the local backend, whose clock can be turned', () => {
  const stage = useStage(onLocal)
  const pass = (seconds: number): void => void vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1000 })

  test('a holder that stood still learns that its slot is another’s, and does the other no harm', async () => {
    const { queue, another } = await stage.setup()
    const [a, b] = await Promise.all([queue[source].open(), another()[source].open()])
    const paused = await taken(a)
    pass(leaseSeconds + 2)
    const second = await taken(b)
    // Both believe that it is theirs: the overlap that there is no way around.
    expect([second?.lost.aborted, paused?.lost.aborted]).toEqual([false, false])
    paused?.beat()
    await vi.waitFor(() => expect(paused?.lost.aborted).toBe(true), 20_000)
    await paused?.release()
    expect(paused?.lost.reason).toMatchObject({ code: 'LEASE_LOST' })
    expect(await taken(a)).toBeUndefined()
    expect(second?.lost.aborted).toBe(false)
  })

  test('a holder that cannot renew it lets go of it when its own clock says so', async () => {
    const { queue, another, backend } = await stage.setup()
    const fate: Fate = { strikes: (name) => name.endsWith('2'), takesEffect: false, end: 'death' }
    const dead = await another({ backend: new DoomedBackend(backend, fate) })[source].open()
    const { slot } = await takeSlot(dead, only)
    await vi.waitFor(() => expect(slot?.lost.aborted).toBe(true), 20_000)
    const w = await queue[source].open()
    expect(await hasFreeSlot(w, only)).toBe(false)
  })

  test('one who was slow writes below the end of the log, and that counts for nothing', async () => {
    const w = await (await stage.setup()).queue[source].open()
    for (let turn = 0; turn < 3; turn += 1) await (await taken(w))?.release()
    const slot = await taken(w)
    expect(await writeEntry(w, { ...only, slot: 0, n: 2, nonce: 'slow' })).toBe(false)
    expect(await taken(w)).toBeUndefined()
    // What it wrote goes with the next entry.
    slot?.beat()
    await vi.waitFor(async () => expect(await entries(w)).toHaveLength(1), 20_000)
  })

  describe.each(Object.values(blows))('when a process $title while it takes, renews and releases a slot', (blow) => {
    test('no two have it, and it is to be had again', async () => {
      for (let call = 1, isOver = false; !isOver; call += 1) {
        const { queue, another, backend } = await stage.setup()
        const w = await queue[source].open()
        const doomed = new DoomedBackend(backend, { ...blow, strikes: (_, number) => number === call })
        const process = await another({ backend: doomed })[source].open()
        await Promise.race([live(process, w), doomed.died])
        pass(2 * leaseSeconds)
        const slot = await taken(w)
        expect(slot, `struck at call ${call} of ${doomed.calls.join(', ')}`).toBeDefined()
        expect((await entries(w)).length).toBe(1)
        await slot?.release()
        isOver = !doomed.isStruck
      }
    })
  })

  /** A process with a slot; and another that looks whether it can have the same. */
  async function live(process: Workspace, other: Workspace): Promise<void> {
    const { slot } = await takeSlot(process, only).catch(() => ({ slot: undefined }))
    if (!slot) return
    expect(await taken(other)).toBeUndefined()
    slot.beat()
    await wait(20)
    if (!slot.lost.aborted) expect(await taken(other)).toBeUndefined()
    await slot.release().catch(() => {})
  }
})

describe('what slots cost', () => {
  const { setup } = useCosts()
  test('is three requests to take one and one to release it, and one to find none that is young', async () => {
    const { queue, requestsOf } = await setup()
    const w = await queue[source].open()
    let slot: Slot | undefined
    expect(await requestsOf(async () => (slot = await taken(w)))).toEqual([
      'ListObjectsV2',
      'PutObject slots',
      'ListObjectsV2',
    ])
    expect(await requestsOf(() => takeSlot(w, only))).toEqual(['ListObjectsV2'])
    expect(await requestsOf(async () => slot?.release())).toEqual(['PutObject slots'])
    expect(await requestsOf(async () => taken(w))).toEqual([
      'ListObjectsV2',
      'PutObject slots',
      'ListObjectsV2',
      'DeleteObject slots',
      'DeleteObject slots',
    ])
  })
})
