import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Job, Queue } from '../../src/index.ts'
import { onLocal } from '../queue/setup.ts'
import type { Fate } from './crash-process.ts'
import { World } from './crash-world.ts'

/** Rows of the protocol's crash matrix: a worker that keeps a job for longer than the queue lets it keep the message. */

let ground: Awaited<ReturnType<typeof onLocal>>
const worlds: World[] = []
beforeAll(async () => {
  ground = await onLocal()
})
/** Whatever a row is about, nothing that was promised is broken in it. */
afterEach(async () => {
  for (const world of worlds.splice(0)) {
    for (let look = 0; look < 3; look += 1) {
      world.passSeconds(901)
      await world.recover()
    }
    expect(await world.broken()).toEqual([])
    await world.close()
  }
})
afterAll(() => ground.close())

const started = 8
/** A job whose message was received so often that whoever holds it must replace it. */
async function setupWorn(): Promise<{ world: World; id: string }> {
  const world = new World(ground.backend)
  worlds.push(world)
  const { id } = await world.submit(world.living, { n: 1, body: 'input' })
  for (let receives = 1; receives < started; receives += 1) await world.release(await world.taken(world.living))
  return { world, id }
}

/** The same, with its message replaced. */
async function setupRenewed(): Promise<{ world: World; id: string; job: Job }> {
  const { world, id } = await setupWorn()
  const job = await world.taken(world.living)
  await world.renew(job)
  return { world, id, job }
}

const dies = (call: string, takesEffect: boolean): Fate => ({
  strikes: (name) => name.startsWith(call),
  takesEffect,
  end: 'death',
})
const renews = (world: World) => async (queue: Queue) => world.renew(await world.taken(queue))
const waiting = (world: World): Promise<Job | undefined> => world.take(world.living)
const sentTo = (world: World, status: string) =>
  world.witness.sent.filter(({ queue }) => queue === `${world.name}-${status}`).map(({ message }) => message)
const states = async (world: World, id: string): Promise<string[]> =>
  (await world.keys(`history/${id}/`)).map((key) => key.split('-').at(-2) ?? '')

test('a message that is held is replaced before its queue takes it for poison, and the job goes on', async () => {
  const { world, job, id } = await setupRenewed()
  expect(job.signal.aborted).toBe(false)
  expect(sentTo(world, 'pending').at(-1)).toMatchObject({
    body: sentTo(world, 'pending')[0]?.body,
    delaySeconds: 900,
    attributes: { id, base: '8', owner: expect.stringMatching(/^[0-9a-f]{16}$/) },
  })
  await world.witness.endLeases()
  expect(await waiting(world)).toBeUndefined()
  expect(await world.living.status(id)).toBe('active')
})

describe('a worker dies', () => {
  test('right after the replacement was sent: the old message comes back, and the job is tried again at once', async () => {
    const { world } = await setupWorn()
    await world.doom(dies('send', true), renews(world))
    await world.witness.endLeases()
    expect(await waiting(world)).toMatchObject({ attempt: started + 1 })
  })

  test('before the replacement was sent: the old message is there', async () => {
    const { world } = await setupWorn()
    await world.doom(dies('send', false), renews(world))
    await world.witness.endLeases()
    expect(await waiting(world)).toMatchObject({ attempt: started + 1 })
    expect(sentTo(world, 'pending')).toHaveLength(1)
  })

  test.each([
    ['after the note of it, before the old message is deleted', false],
    ['after the old message was deleted', true],
  ])('%s: the replacement comes when its delay is over, and nobody gets the job twice', async (_, takesEffect) => {
    const { world } = await setupWorn()
    await world.doom(dies('delete from', takesEffect), renews(world))
    await world.witness.endLeases()
    expect(await waiting(world)).toBeUndefined()
    world.passSeconds(901)
    expect(await waiting(world)).toMatchObject({ attempt: started + 1 })
    await world.witness.endLeases()
    expect(await waiting(world)).toMatchObject({ attempt: started + 2 })
  })

  test('later: the replacement finds no fresh sign of it, and the start counts as one without an end', async () => {
    const { world, id } = await setupRenewed()
    world.passSeconds(901)
    expect(await waiting(world)).toMatchObject({ attempt: started + 1 })
    expect((await states(world, id)).slice(-3)).toEqual(['renewed', 'started', 'started'])
  })
})

describe('a replacement that comes while its owner lives', () => {
  test('goes on as another, which counts no delivery, however often; the owner notices nothing', async () => {
    const { world, job, id } = await setupRenewed()
    const before = await states(world, id)
    for (let look = 0; look < 20; look += 1) {
      await world.keepAlive(job, 901)
      expect(await waiting(world)).toBeUndefined()
    }
    expect(
      sentTo(world, 'pending')
        .slice(2)
        .map(({ attributes }) => attributes?.['base']),
    ).toEqual(Array(20).fill('8'))
    expect(await states(world, id)).toEqual(before)
    expect(job.signal.aborted).toBe(false)
    await world.complete(job)
  })

  test('and that is received by one who dies of it comes back as it was', async () => {
    const { world, job } = await setupRenewed()
    await world.keepAlive(job, 901)
    await world.doom(dies('send', false), (queue) => world.take(queue))
    await world.witness.endLeases()
    expect(await waiting(world)).toBeUndefined()
    await world.complete(job)
  })
})

describe('an owner without a message', () => {
  test('completes; the replacement that comes late finds the result, announces it again, and goes', async () => {
    const { world, id, job } = await setupRenewed()
    await world.complete(job)
    expect(await world.living.result(id)).toMatchObject({ attempt: started })
    expect(sentTo(world, 'completed')).toHaveLength(1)
    world.passSeconds(901)
    expect(await waiting(world)).toBeUndefined()
    expect(sentTo(world, 'completed')).toHaveLength(2)
    world.passSeconds(901)
    expect(await waiting(world)).toBeUndefined()
    expect(sentTo(world, 'completed')).toHaveLength(2)
  })

  test('is cancelled: it learns it at its next heartbeat', async () => {
    const { world, id, job } = await setupRenewed()
    expect(await world.cancel(world.living, id)).toBe(true)
    await world.beat(job)
    expect(job.signal.reason).toMatchObject({ code: 'ALREADY_SETTLED' })
  })

  test('fails: another message is sent with the pause, and the replacement stands for nobody', async () => {
    const { world, job, id } = await setupRenewed()
    await job.release({ delaySeconds: 600, error: new Error('busy') })
    expect(await world.living.status(id)).toBe('pending')
    expect(await waiting(world)).toBeUndefined()
    world.passSeconds(601)
    const next = await waiting(world)
    expect(next).toMatchObject({ attempt: started + 1 })
    world.passSeconds(301)
    expect(await waiting(world)).toMatchObject({ attempt: started + 2 })
    expect(await waiting(world)).toBeUndefined()
    expect(await states(world, id)).toContain('withdrawn')
  })

  test('gives the job back uncounted: it comes at once, and the attempt is the same', async () => {
    const { world, job } = await setupRenewed()
    await job.release({ counted: false })
    expect(await waiting(world)).toMatchObject({ attempt: started })
    expect(await waiting(world)).toBeUndefined()
  })

  test('dies while it gives the job back: one of the two messages is enough, and two do no harm', async () => {
    const { world } = await setupWorn()
    await world.doom(dies('put history', false), async (queue) => {
      const job = await world.taken(queue)
      await world.renew(job)
      await job.release()
    })
    world.passSeconds(901)
    expect(await waiting(world)).toBeDefined()
  })

  test('acknowledges early: the replacement goes, and nobody does the job', async () => {
    const { world, job } = await setupRenewed()
    await world.acknowledge(job)
    for (const seconds of [901, 901]) {
      world.passSeconds(seconds)
      expect(await waiting(world)).toBeUndefined()
    }
    await world.complete(job)
  })

  test('that gives no sign for two leases has lost the job', async () => {
    const { world, job } = await setupRenewed()
    world.passSeconds(63)
    await expect(job.progress(1)).rejects.toMatchObject({ code: 'LEASE_LOST' })
  })
})

describe('of two messages that stand for one job', () => {
  async function setupDoubles() {
    const world = new World(ground.backend)
    worlds.push(world)
    const { id } = await world.submit(world.living, { n: 1, body: 'input' })
    await world.post(world.witness.sent[0]?.message.body ?? '')
    const first = await world.taken(world.living)
    world.passSeconds(1)
    return { world, id, first, second: await world.taken(world.living) }
  }

  test('the second worker stops at its next heartbeat, and its message comes back only to look', async () => {
    const { world, first, second } = await setupDoubles()
    world.passSeconds(5)
    await world.beat(first)
    await world.beat(second)
    expect(first.signal.aborted).toBe(false)
    expect(second.signal.reason).toMatchObject({ code: 'LEASE_LOST', message: expect.stringContaining('for longer') })
    await expect(second.release()).rejects.toMatchObject({ code: 'LEASE_LOST' })
    await second[Symbol.asyncDispose]()
    await world.keepAlive(first, 901)
    expect(await waiting(world)).toBeUndefined()
    await world.complete(first)
  })

  test('the second goes on when the first gives no sign any more, though its last one is fresh', async () => {
    const { world, first, second } = await setupDoubles()
    await world.beat(first)
    world.passSeconds(5)
    await world.beat(second)
    expect(second.signal.aborted).toBe(false)
    await world.complete(second)
  })

  test('the second that ends first decides, though it was told to leave the job', async () => {
    const { world, id, first, second } = await setupDoubles()
    world.passSeconds(5)
    await world.beat(first)
    await world.beat(second)
    await world.complete(second)
    await expect(first.complete()).rejects.toMatchObject({ code: 'ALREADY_SETTLED' })
    expect(await world.living.status(id)).toBe('completed')
  })
})

test('a message of a double that dies again and again does not fail the job that its owner works on', async () => {
  const { world, id, job } = await setupRenewed()
  await world.post(world.witness.sent[0]?.message.body ?? '')
  for (let crash = 0; crash < 12; crash += 1) {
    await world.beat(job)
    await world.doom(dies('put history', true), (queue) => world.take(queue))
    await world.witness.endLeases()
  }
  expect(await world.living.reap()).toMatchObject({ failed: [] })
  expect(await world.living.status(id)).toBe('active')
  await world.complete(job)
})
