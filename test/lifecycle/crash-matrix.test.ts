import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Queue } from '../../src/index.ts'
import { onLocal } from '../queue/setup.ts'
import type { Fate } from './crash-process.ts'
import { large, World } from './crash-world.ts'

/** The rows of the protocol's crash matrix, each at its one place; `crash-sweep` dies everywhere else too. */

let ground: Awaited<ReturnType<typeof onLocal>>
const worlds: World[] = []
beforeAll(async () => {
  ground = await onLocal()
})
/** Whatever a row is about, nothing that was promised is broken in it. */
afterEach(async () => {
  for (const world of worlds.splice(0)) {
    await world.recover()
    expect(await world.broken()).toEqual([])
    await world.close()
  }
})
afterAll(() => ground.close())

function setup(): World {
  const world = new World(ground.backend)
  worlds.push(world)
  return world
}

/** A job that waits. */
async function setupJob(): Promise<{ world: World; id: string }> {
  const world = setup()
  const { id } = await world.submit(world.living, { n: 1, body: 'input' })
  return { world, id }
}

const at =
  (call: string): Fate['strikes'] =>
  (name) =>
    name.startsWith(call)
const diesBefore = (call: string): Fate => ({ strikes: at(call), takesEffect: false, end: 'death' })
const diesAfter = (call: string): Fate => ({ strikes: at(call), takesEffect: true, end: 'death' })
const asksAgain = (call: string): Fate => ({ strikes: at(call), takesEffect: true, end: 'repetition' })

const completes = (world: World) => async (queue: Queue) => world.complete(await world.taken(queue))
const sentTo = (world: World, status: string): number =>
  world.witness.sent.filter(({ queue }) => queue === `${world.name}-${status}`).length
/** Jobs that a fair worker finds, all leases over; it does them. */
async function handed(world: World): Promise<readonly { attempt: number }[]> {
  await world.witness.endLeases()
  const found: { attempt: number }[] = []
  for (let job = await world.take(world.living); job; job = await world.take(world.living)) {
    found.push({ attempt: job.attempt })
    await world.complete(job)
  }
  return found
}

describe('input put, before send', () => {
  test('leaves an input that nobody was told of, and no promise', async () => {
    const world = setup()
    await world.doom(diesBefore('send'), (queue) => world.submit(queue, { n: 1, body: 'input' }))
    expect(await world.keys('inputs/')).toHaveLength(1)
    expect(world.told.submitted.size).toBe(0)
    expect(await handed(world)).toEqual([])
  })

  test('is made good by whoever asks for the same id again', async () => {
    const world = setup()
    await world.doom(diesBefore('send'), (queue) => world.submit(queue, { n: 1, body: 'input' }, { id: 'mine' }))
    expect(await world.living.status('mine')).toBe('pending')
    await world.submit(world.living, { n: 1, body: 'input' }, { id: 'mine' })
    expect(await handed(world)).toHaveLength(1)
    expect(await world.keys('stored/')).toHaveLength(1)
  })
})

describe('send, response lost', () => {
  test('leaves two messages when it is repeated; the second finds the result and goes', async () => {
    const world = setup()
    await world.doom(asksAgain('send'), (queue) => world.submit(queue, { n: 1, body: 'input' }))
    expect(sentTo(world, 'pending')).toBe(2)
    expect(await handed(world)).toHaveLength(1)
    expect(sentTo(world, 'completed')).toBe(2)
  })

  test('leaves a job that ends, though its requester died', async () => {
    const world = setup()
    await world.doom(diesAfter('send'), (queue) => world.submit(queue, { n: 1, body: 'input' }))
    expect(world.told.submitted.size).toBe(0)
    expect(await handed(world)).toHaveLength(1)
  })
})

test('receive: the message is invisible, and visible after the lease', async () => {
  const { world } = await setupJob()
  await world.doom(diesAfter('receive'), completes(world))
  expect(await world.take(world.living)).toBeUndefined()
  expect(await handed(world)).toEqual([{ attempt: 2 }])
})

describe('half the work, or assets put', () => {
  test.each([
    ['half the work', 'get inputs/'],
    ['assets put', 'put assets/'],
  ])('%s: the next attempt works in another folder', async (_, call) => {
    const { world, id } = await setupJob()
    await world.doom(diesAfter(call), async (queue) => {
      const job = await world.taken(queue)
      await job.bytes()
      await world.complete(job)
    })
    expect(await handed(world)).toEqual([{ attempt: 2 }])
    const { attempt, assets } = await world.living.result(id)
    expect(attempt).toBe(2)
    expect(await assets['output']?.bytes()).toEqual(large(2))
    expect(await world.litter()).toHaveLength(call === 'put assets/' ? 1 : 0)
  })
})

test('result put, response lost: the write that is repeated finds it taken, the nonce is ours, and all goes on', async () => {
  const { world, id } = await setupJob()
  const { calls } = await world.doom(asksAgain('put if absent results/'), completes(world))
  expect(world.told.committed).toMatchObject([{ id, status: 'completed' }])
  expect(calls.slice(-4)).toEqual([
    `put if absent results/${id}.json`,
    `get results/${id}.json`,
    `send ${world.name}-completed`,
    `delete from ${world.name}-pending`,
  ])
  expect(await world.litter()).toEqual([])
})

test('result put, response lost for good: the next try finds the first one’s record, and removes its own files', async () => {
  const { world, id } = await setupJob()
  await world.doom({ ...asksAgain('put if absent results/'), end: 'failure' }, async (queue) => {
    const job = await world.taken(queue)
    await expect(job.complete({ output: large(1) })).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    const files = await world.keys('assets/')
    await job.complete({ output: large(2) })
    expect(await world.keys('assets/')).toEqual(files)
  })
  expect(await (await world.living.result(id)).assets['output']?.bytes()).toEqual(large(1))
  expect(await world.litter()).toEqual([])
})

describe('result, before announcement or delete', () => {
  test.each([
    ['announcement', 'send', 1],
    ['delete', 'delete from', 2],
  ])('before %s: whoever gets the message announces the result and deletes it', async (_, call, announcements) => {
    const { world, id } = await setupJob()
    await world.doom(diesBefore(call), completes(world))
    expect(await world.living.status(id)).toBe('completed')
    expect(await handed(world)).toEqual([])
    expect(sentTo(world, 'completed')).toBe(announcements)
    expect(await world.living.result(id)).toMatchObject({ attempt: 1, value: 1 })
  })
})

test('result, before the word to the reply queue: whoever gets the message tells the requester', async () => {
  const world = setup()
  const handle = await world.submit(world.process({ replies: true }), { n: 1, body: 'input' })
  const [sign = ''] = await world.keys('replies/')
  const replyQueue = sign.slice('replies/'.length)
  await world.doom(diesBefore(`send ${replyQueue}`), completes(world))
  expect(await handed(world)).toEqual([])
  expect(world.witness.sent.filter(({ queue }) => queue === replyQueue)).toHaveLength(1)
  expect((await handle.result({ timeoutSeconds: 4 })).value).toBe(1)
})

describe('the sign of a reply queue', () => {
  test.each([
    ['before the queue is made', 'add queue', false],
    ['and the queue, before a job names it', 'add queue', true],
  ])('%s: a day later it is swept with what there is', async (_, call, takesEffect) => {
    const world = setup()
    await world.doom({ strikes: at(call), takesEffect, end: 'death' }, async () => {}, { replies: true })
    expect(await world.keys('replies/')).toHaveLength(1)
    await world.living.reap()
    expect(await world.keys('replies/')).toHaveLength(1)
    world.passSeconds(25 * 3600)
    await world.living.reap()
    expect(await world.keys('replies/')).toEqual([])
  })
})

test('delete, and the message comes back: the result exists, and it is deleted', async () => {
  const { world, id } = await setupJob()
  await world.doom(diesAfter('delete from'), completes(world))
  const first = await world.living.result(id)
  await world.post(world.witness.sent[0]?.message.body ?? '')
  expect(await handed(world)).toEqual([])
  expect(await world.living.result(id)).toMatchObject({ finishedAt: first.finishedAt, attempt: 1 })
})

test('a slow worker finishes after another: its files are removed, and it is told ALREADY_SETTLED', async () => {
  const { world, id } = await setupJob()
  const slow = await world.taken(world.living)
  expect(await handed(world)).toEqual([{ attempt: 2 }])
  const outcome = slow.complete({ output: large(1) })
  await expect(outcome).rejects.toMatchObject({ code: 'ALREADY_SETTLED', jobId: id, status: 'completed' })
  expect(await world.litter()).toEqual([])
  expect(await world.living.result(id)).toMatchObject({ attempt: 2 })
})

describe('cancel races completion', () => {
  test('cancel was first: the worker learns it, its files are removed, the message goes', async () => {
    const { world, id } = await setupJob()
    const job = await world.taken(world.living)
    expect(await world.cancel(world.living, id)).toBe(true)
    const outcome = job.complete({ output: large(1) })
    await expect(outcome).rejects.toMatchObject({ code: 'ALREADY_SETTLED', status: 'cancelled' })
    expect(await world.litter()).toEqual([])
    expect(sentTo(world, 'failed')).toBe(1)
    expect(await handed(world)).toEqual([])
  })

  test('completion was first: the requester is told that it came too late', async () => {
    const { world, id } = await setupJob()
    await world.complete(await world.taken(world.living))
    expect(await world.cancel(world.living, id)).toBe(false)
    expect(await world.living.result(id)).toMatchObject({ status: 'completed' })
  })

  test('cancel, response lost: the write that is repeated finds its own, and true is what it says', async () => {
    const { world, id } = await setupJob()
    await world.doom(asksAgain('put if absent results/'), (queue) => world.cancel(queue, id))
    expect(world.told.cancelled).toEqual([{ id, answer: true }])
  })
})

test('history entry, before the visibility change: the job is tried again at the end of the lease', async () => {
  const { world, id } = await setupJob()
  await world.doom(diesBefore('extend'), async (queue) => world.release(await world.taken(queue)))
  expect(await world.keys(`history/${id}/`)).toEqual([expect.stringMatching(/000001-failed-/)])
  expect(await world.take(world.living)).toBeUndefined()
  expect(await handed(world)).toEqual([{ attempt: 2 }])
})

describe('early acknowledge', () => {
  const acknowledges = (world: World) => async (queue: Queue) => world.acknowledge(await world.taken(queue))

  test('claim put, before delete: the message that comes back is deleted, and nobody does the job', async () => {
    const { world, id } = await setupJob()
    await world.doom(diesBefore('delete from'), acknowledges(world))
    expect(await handed(world)).toEqual([])
    expect(await world.keys('claims/')).toEqual([`claims/${id}`])
  })

  test('delete: nobody does the job', async () => {
    const { world } = await setupJob()
    await world.doom(diesBefore('put assets/'), async (queue) => {
      const job = await world.taken(queue)
      await world.acknowledge(job)
      await world.complete(job)
    })
    expect(await handed(world)).toEqual([])
  })

  test('of a job with two messages: the second worker is told LEASE_LOST, and its message goes', async () => {
    const world = setup()
    await world.doom(asksAgain('send'), (queue) => world.submit(queue, { n: 1, body: 'input' }))
    const [first, second] = [await world.taken(world.living), await world.taken(world.living)]
    await first.acknowledge()
    await expect(second.acknowledge()).rejects.toMatchObject({ code: 'LEASE_LOST' })
    await world.complete(first)
    expect(await handed(world)).toEqual([])
  })
})

describe('a message that its queue would soon take for poison', () => {
  /** One that was received as often as it may be. */
  async function setupWorn(): Promise<World> {
    const { world } = await setupJob()
    for (let receives = 1; receives < 8; receives += 1) await world.release(await world.taken(world.living))
    return world
  }

  test('replacement sent, before delete: two messages stand for one job, which ends once', async () => {
    const world = await setupWorn()
    await world.doom(diesBefore('delete from'), async (queue) => world.release(await world.taken(queue)))
    expect(sentTo(world, 'pending')).toBe(2)
    expect(await handed(world)).toEqual([{ attempt: 9 }])
  })

  test('its replacement counts on', async () => {
    const world = await setupWorn()
    for (let receives = 8; receives < 12; receives += 1) await world.release(await world.taken(world.living))
    expect(await handed(world)).toEqual([{ attempt: 12 }])
  })

  test('a job of remotejob 2 keeps its id in its replacement', async () => {
    const world = setup()
    await world.post(JSON.stringify({ bucket: world.place.bucket, key: 'uploads/one' }))
    for (let receives = 1; receives < 9; receives += 1) await world.release(await world.taken(world.living))
    await handed(world)
    expect(new Set(world.told.work.map(({ id }) => id)).size).toBe(1)
  })
})

test('poison copied, before delete: its reason is in the dead-letter queue, twice at worst', async () => {
  const world = setup()
  await world.post('{bad')
  await world.doom(diesBefore('delete from'), (queue) => world.take(queue))
  expect(await handed(world)).toEqual([])
  const letters = world.witness.sent.filter(({ queue }) => queue === world.place.deadLetterQueue)
  expect(letters.map(({ message }) => message.body)).toEqual(['{bad', '{bad'])
  expect(letters[0]?.message.attributes?.['reason']).toMatch(/not a JSON object/)
})
