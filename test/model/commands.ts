import fc from 'fast-check'
import type { Fate } from '../lifecycle/crash-process.ts'
import type { ModelWorld } from './world.ts'

/** What is known without looking: which commands make sense. */
export interface Model {
  jobs: number
  hands: number
  posts: number
}

type Command = fc.AsyncCommand<Model, ModelWorld>

/** Something that may happen, said in a word for whoever reads a failure. */
function command(
  said: string,
  run: (world: ModelWorld) => Promise<unknown>,
  check: (model: Model) => boolean,
  changes: Partial<Model> = {},
): Command {
  return {
    check,
    async run(model, world) {
      model.jobs += changes.jobs ?? 0
      model.hands += changes.hands ?? 0
      model.posts += changes.posts ?? 0
      await run(world)
    },
    toString: () => said,
  }
}

const always = (): boolean => true
const ifJobs = ({ jobs }: Model): boolean => jobs > 0
const ifHands = ({ hands }: Model): boolean => hands > 0

const nat = fc.nat({ max: 20 })
const ids = fc.option(fc.constantFrom('own-1', 'own-2'), { nil: undefined })

const submit = fc
  .tuple(ids, fc.constantFrom(undefined, 20), fc.constantFrom(undefined, 10))
  .map(([id, expiresSeconds, delaySeconds]) =>
    command(
      `submit ${id ?? 'a job'}`,
      (world) => world.submit({ id, expiresSeconds, delaySeconds }),
      ({ jobs }) => jobs < 6,
      { jobs: 1 },
    ),
  )
const deliver = fc.constant(command('deliver', (world) => world.take(), ifJobs, { hands: 1 }))

/** What somebody does who has a job in hand, perhaps long after its lease. */
const verbs = {
  complete: (world, hand) => world.end(hand, 'completed'),
  fail: (world, hand) => world.end(hand, 'failed'),
  retry: (world, hand) => world.release(hand, true),
  release: (world, hand) => world.release(hand, false),
  'acknowledge early': (world, hand) => world.acknowledge(hand),
  renew: (world, hand) => world.renew(hand),
  sign: (_, { job }) => job.progress('half').catch(() => {}),
} satisfies Record<string, (world: ModelWorld, hand: ModelWorld['hands'][number]) => Promise<unknown>>

const act = fc
  .tuple(
    fc.constantFrom<(keyof typeof verbs)[]>(
      'complete',
      'complete',
      'fail',
      'retry',
      'release',
      'acknowledge early',
      'sign',
      'renew',
    ),
    nat,
  )
  .map(([verb, at]) =>
    command(
      `${verb} ${at}`,
      async (world) => {
        const hand = world.hands[at % Math.max(1, world.hands.length)]
        if (hand) await verbs[verb](world, hand)
      },
      ifHands,
    ),
  )

const about = fc.tuple(fc.constantFrom('cancel', 'ask'), nat).map(([verb, at]) =>
  command(
    `${verb} ${at}`,
    async (world) => {
      const id = world.ids[at % Math.max(1, world.ids.length)]
      if (id !== undefined) await (verb === 'cancel' ? world.cancel(id) : world.ask(id))
    },
    ifJobs,
  ),
)

const expire = fc
  .constantFrom(6, 31, 61, 901)
  .map((seconds) => command(`${seconds} seconds pass`, async (world) => world.passSeconds(seconds), ifJobs))
const endEarly = nat.map((at) =>
  command('a lease ends early', async (world) => world.messages.endLease(-1 - (at % 3)), ifHands),
)
const redeliver = nat.map((at) =>
  command('a deleted message comes back', async (world) => world.messages.bringBack(-1 - (at % 3)), ifHands),
)
const reap = fc.constant(command('reap', (world) => world.reap(), ifJobs))

/** Bodies that are no jobs of ours, or name what is not ours to touch. */
const strange = fc.constantFrom(
  'no JSON',
  '{}',
  '{"v":1,"id":"../../etc","key":"inputs/x"}',
  '{"v":1,"id":"x","key":"../other/secret","metadata":{}}',
  '{"bucket":"another","key":"secret"}',
  '{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"remotejobs-model"}',
  JSON.stringify({
    Records: [
      {
        eventSource: 'aws:s3',
        eventName: 'ObjectCreated:Put',
        s3: { bucket: { name: 'remotejobs-model' }, object: { key: 'a+b.txt', sequencer: '1' } },
      },
    ],
  }),
)
const post = strange.map((body) =>
  command(
    `post ${body}`,
    (world) => world.post(body),
    ({ posts }) => posts < 3,
    { posts: 1 },
  ),
)

/** What a process does that dies on the way. */
const deeds = {
  submit: (world, queue) => world.submit({}, queue),
  'submit as own-1': (world, queue) => world.submit({ id: 'own-1' }, queue),
  work: async (world, queue) => {
    const hand = await world.take(queue)
    if (hand) await world.end(hand, 'completed')
  },
  'give up': async (world, queue) => {
    const hand = await world.take(queue)
    if (hand) await world.end(hand, 'failed')
  },
  retry: async (world, queue) => {
    const hand = await world.take(queue)
    if (hand) await world.release(hand, true)
  },
  'acknowledge and work': async (world, queue) => {
    const hand = await world.take(queue)
    if (hand) await world.acknowledge(hand)
    if (hand) await world.end(hand, 'completed')
  },
  'renew and work': async (world, queue) => {
    const hand = await world.take(queue)
    if (hand) await world.renew(hand)
    if (hand) await world.end(hand, 'completed')
  },
  'renew and retry': async (world, queue) => {
    const hand = await world.take(queue)
    if (hand) await world.renew(hand)
    if (hand) await world.release(hand, true)
  },
  cancel: async (world, queue) => {
    const [id] = world.ids
    if (id !== undefined) await world.cancel(id, queue)
  },
  reap: (world, queue) => world.reap(queue),
} satisfies Record<
  string,
  (world: ModelWorld, queue: Parameters<Parameters<ModelWorld['doom']>[1]>[0]) => Promise<unknown>
>

const crash = fc
  .record({
    deed: fc.constantFrom<(keyof typeof deeds)[]>(
      'submit',
      'submit as own-1',
      'work',
      'work',
      'work',
      'give up',
      'retry',
      'acknowledge and work',
      'renew and work',
      'renew and retry',
      'cancel',
      'reap',
    ),
    at: fc.integer({ min: 1, max: 14 }),
    takesEffect: fc.boolean(),
    end: fc.constantFrom<Fate['end'][]>('death', 'death', 'failure', 'repetition'),
  })
  .map(({ deed, at, takesEffect, end }) =>
    command(
      `crash: ${deed}, ${end} ${takesEffect ? 'after' : 'at'} call ${at}`,
      (world) =>
        world.doom({ strikes: (_, number) => number === at, takesEffect, end }, (queue) => deeds[deed](world, queue)),
      deed.startsWith('submit') ? ({ jobs }) => jobs < 6 : always,
      deed.startsWith('submit') ? { jobs: 1 } : {},
    ),
  )

export const commands = fc.commands(
  [submit, deliver, deliver, act, act, about, expire, endEarly, redeliver, reap, post, crash, crash],
  {
    size: 'max',
    maxCommands: 30,
  },
)
