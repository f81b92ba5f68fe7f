import { afterAll, beforeAll, expect, test } from 'vitest'
import { World } from './lifecycle/crash-world.ts'
import { onLocal } from './queue/setup.ts'
import { Witness } from './witness.ts'

/** Runs that go wrong by hand: each invariant can be broken, and then it is named. */

let ground: Awaited<ReturnType<typeof onLocal>>
beforeAll(async () => {
  ground = await onLocal()
})
afterAll(() => ground.close())

/** A run of one job that ended well, and what is said of it once `spoil` has been at it. */
async function brokenBy(spoil: (world: World, id: string) => unknown): Promise<string> {
  const world = new World(ground.backend)
  try {
    const { id } = await world.submit(world.living, { n: 1, body: 'input' })
    await world.recover()
    await spoil(world, id)
    return (await world.broken()).join('; ')
  } finally {
    await world.close()
  }
}

test('nothing is found where nothing is wrong', async () => {
  expect(await brokenBy(() => {})).toBe('')
})

test.each<[string, (world: World, id: string) => unknown, RegExp]>([
  [
    'a result that changed',
    (world, id) => world.raw.objects.put(`results/${id}.json`, Buffer.from('{}')),
    /is not what was written/,
  ],
  [
    'a result that is written over by way of the seam',
    async (world, id) => {
      const watched = world.witness.watch({ open: () => world.raw }).open(world.place)
      await watched.objects.put(
        `results/${id}.json`,
        Buffer.from(world.witness.results.get(`results/${id}.json`) ?? ''),
      )
    },
    /^results\/.* was written over$/,
  ],
  [
    'an asset that is gone',
    async (world) => world.raw.objects.delete((await world.keys('assets/'))[0] ?? ''),
    /is named by a result and does not exist/,
  ],
  [
    'an asset of another size',
    async (world) => world.raw.objects.put((await world.keys('assets/'))[0] ?? '', Buffer.from('short')),
    /is not what the result says/,
  ],
  [
    'a cancellation that was promised',
    (world, id) => world.told.cancelled.push({ id, answer: true }),
    /was told true, and it is completed/,
  ],
  [
    'another end that somebody was told',
    (world) => world.told.ends.push(...world.told.ends.map((end) => ({ ...end, value: 'another' }))),
    /was told another end/,
  ],
  [
    'a status that is not so',
    (world, id) => world.told.statuses.push({ id, status: 'failed' }),
    /is failed, and it is completed/,
  ],
  ['a job that never ended', (world) => world.told.submitted.add('nobody'), /job nobody has no end/],
  ['an end that was never announced', (world) => world.witness.sent.splice(1), /was never announced/],
  [
    'two that were told that they ended it',
    (world, id) => world.told.committed.push({ id, by: 'another', status: 'completed' }),
    /was committed by delivery 1 and by another/,
  ],
  [
    'a job handed out after it was acknowledged',
    (world, id) => {
      world.told.work.push({ id, by: 'one', what: 'acknowledged' })
      world.told.work.push({ id, by: 'another', what: 'handed' })
    },
    /was handed by another after one had acknowledged it/,
  ],
  [
    'a message that was deleted too early',
    async (world) => {
      const pending = world.witness
        .watch({ open: () => world.raw })
        .open(world.place)
        .queue(`${world.name}-pending`)
      await pending.send({ body: '{"v":1,"id":"early"}' })
      const [delivery] = await pending.receive({ max: 1, waitSeconds: 0, leaseSeconds: 30 })
      await pending.delete(delivery?.receipt ?? '')
    },
    /the message of job early was deleted before its end; job early has no end/,
  ],
  [
    'a message that is left',
    (world) => world.raw.queue(`${world.name}-failed`).send({ body: 'left' }),
    /a message is left in .*: left/,
  ],
  [
    'a job among the dead letters',
    (world) => world.raw.queue(world.place.deadLetterQueue).send({ body: '{"v":1,"id":"dead"}' }),
    /a job is in the dead-letter queue/,
  ],
  [
    'a key outside of the prefix',
    async (world) => {
      const witness = new Witness('below/')
      await witness
        .watch({ open: () => world.raw })
        .open(world.place)
        .objects.put('above', Buffer.from(''))
      world.witness.misdeeds.push(...witness.misdeeds)
    },
    /above is outside of the prefix/,
  ],
])('%s is found out', async (_, spoil, words) => {
  expect(await brokenBy(spoil)).toMatch(words)
})
