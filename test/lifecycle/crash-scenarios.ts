import type { Queue, QueueOptions } from '../../src/index.ts'
import type { World } from './crash-world.ts'

type Data = Record<string, unknown>

/** Something that a process does and may die of. */
export interface Scenario {
  readonly name: string
  /** What its queue is told, and not that of others. */
  readonly options?: QueueOptions<Data, Data>
  /** What others did before; what it returns is handed to `act`. */
  readonly before?: (world: World) => Promise<string>
  /** What the process does. */
  readonly act: (world: World, queue: Queue<Data>, given: string) => Promise<unknown>
  /** What others do afterwards, before the fair worker comes. */
  readonly after?: (world: World, given: string) => Promise<unknown>
}

const input = Buffer.from('the input')
/** Above what rides in an object's note. */
const long = 'm'.repeat(3000)
/** Above what rides in a message. */
const longest = 'm'.repeat(50 * 1024)

/** A job that waits; its id. */
const submitted = async (world: World): Promise<string> => (await world.submit(world.living, { n: 1, body: input })).id

/** A job that a worker died on once. */
const redelivered = async (world: World): Promise<string> => {
  const id = await submitted(world)
  await world.taken(world.living)
  await world.witness.endLeases()
  return id
}

/** A job whose queue would take it for poison after two more deliveries. */
const worn = async (world: World): Promise<string> => {
  const id = await submitted(world)
  for (let receives = 1; receives < 8; receives += 1)
    await (await world.taken(world.living)).release({ counted: false })
  return id
}

/** The replacement of a message comes to look, twice at most. */
const lookAgain = async (world: World): Promise<void> => {
  for (let look = 0; look < 2; look += 1) {
    world.passSeconds(901)
    await world.recover()
  }
}

const submits: readonly Scenario[] = [
  { name: 'submits a job with a body', act: (world, queue) => world.submit(queue, { n: 1, body: input }) },
  { name: 'submits a job of metadata alone', act: (world, queue) => world.submit(queue, { n: 1 }) },
  { name: 'submits a job with metadata above 2 KB', act: (world, queue) => world.submit(queue, { long, body: input }) },
  { name: 'submits a job with metadata above 48 KiB', act: (world, queue) => world.submit(queue, { longest }) },
  {
    name: 'submits a body under a key of its own',
    act: (world, queue) => world.submit(queue, { n: 1, key: 'my/key', body: input }),
  },
]

/** The requester, or another one, asks for the same job again: no promise was made, and none is broken. */
const own = (name: string, job: Data): Scenario => ({
  name: `submits ${name} with an id of its own`,
  act: (world, queue) => world.submit(queue, job, { id: 'mine' }),
  after: (world) => world.submit(world.living, job, { id: 'mine' }),
})

const ownIds: readonly Scenario[] = [
  own('a body', { n: 1, body: input }),
  own('metadata alone', { n: 1 }),
  own('metadata above 2 KB', { long }),
  own('metadata above 48 KiB', { longest }),
  own('a body and metadata above 48 KiB', { longest, body: input }),
  {
    name: 'submits a job with the id of one that has ended',
    before: async (world) => {
      await world.submit(world.living, { n: 1 }, { id: 'mine' })
      await world.complete(await world.taken(world.living))
      return ''
    },
    act: (world, queue) => world.submit(queue, { n: 1 }, { id: 'mine' }),
  },
]

const triggers: readonly Scenario[] = [
  {
    name: 'triggers a stored key',
    before: (world) => world.living.store({ n: 1, body: input }),
    act: (world, queue, key) => world.trigger(queue, key),
  },
  {
    name: 'triggers a stored key with an id of its own',
    before: (world) => world.living.store({ longest, body: input }),
    act: (world, queue, key) => world.trigger(queue, key, { id: 'mine' }),
    after: (world, key) => world.trigger(world.living, key, { id: 'mine' }),
  },
]

const workers: readonly Scenario[] = [
  {
    name: 'completes a job with a large asset and a small one',
    before: submitted,
    act: async (world, queue) => world.complete(await world.taken(queue)),
  },
  {
    name: 'completes a job that another died on',
    before: redelivered,
    act: async (world, queue) => world.complete(await world.taken(queue)),
  },
  {
    name: 'reads the input, reports progress and completes',
    before: submitted,
    act: async (world, queue) => {
      const job = await world.taken(queue)
      await job.bytes()
      await job.progress(0.5)
      await world.complete(job)
    },
  },
  { name: 'fails a job', before: submitted, act: async (world, queue) => world.fail(await world.taken(queue)) },
  {
    name: 'gives a job back',
    before: submitted,
    act: async (world, queue) => world.release(await world.taken(queue)),
  },
  {
    name: 'gives a job back just before its queue takes it for poison',
    before: worn,
    act: async (world, queue) => world.release(await world.taken(queue)),
  },
  {
    name: 'acknowledges a job early and completes it',
    before: async (world) => (await world.submit(world.living, { n: 1, body: input }, { timeoutSeconds: 60 })).id,
    act: async (world, queue) => {
      const job = await world.taken(queue)
      await world.acknowledge(job)
      await world.complete(job)
    },
  },
  {
    name: 'fails a job whose metadata does not fit its schema',
    before: submitted,
    act: (world, queue) => world.take(queue),
    options: {
      metadata: { '~standard': { version: 1, vendor: 'test', validate: () => ({ issues: [{ message: 'no' }] }) } },
    },
  },
  {
    name: 'receives a job that came too late',
    before: async (world) => {
      const { id } = await world.submit(world.living, { n: 1, body: input }, { expiresSeconds: 1 })
      world.passSeconds(2)
      return id
    },
    act: (world, queue) => world.take(queue),
    after: async (world) => {
      await world.recover()
      if (world.told.work.length > 0) world.witness.misdeeds.push('a job that came too late was handed out')
    },
  },
  {
    name: 'receives a job that came too late while another works on it',
    before: async (world) => {
      await world.submit(world.living, { n: 1, body: input }, { expiresSeconds: 1 })
      await (await world.taken(world.living)).progress(0.5)
      world.passSeconds(2)
      await world.witness.endLeases()
      return ''
    },
    act: (world, queue) => world.take(queue),
    after: async (world) => {
      await world.recover()
      if (world.told.statuses.length > 0) world.witness.misdeeds.push('a job that was worked on expired')
    },
  },
]

const renewals: readonly Scenario[] = [
  {
    name: 'replaces the message of a job and completes it',
    before: worn,
    act: async (world, queue) => {
      const job = await world.taken(queue)
      await world.renew(job)
      await world.complete(job)
    },
    after: lookAgain,
  },
  {
    name: 'replaces the message of a job and gives the job back',
    before: worn,
    act: async (world, queue) => {
      const job = await world.taken(queue)
      await world.renew(job)
      await world.release(job)
    },
    after: lookAgain,
  },
  {
    name: 'replaces the message of a job that is cancelled then',
    before: worn,
    act: async (world, queue, id) => {
      const job = await world.taken(queue)
      await world.renew(job)
      await world.cancel(world.living, id)
      await world.beat(job)
    },
    after: lookAgain,
  },
  {
    name: 'replaces the message of a job, acknowledges it early and completes it',
    before: worn,
    act: async (world, queue) => {
      const job = await world.taken(queue)
      await world.renew(job)
      await world.acknowledge(job)
      await world.complete(job)
    },
    after: lookAgain,
  },
  {
    name: 'receives the replacement of a message while its owner works',
    before: async (world) => {
      await worn(world)
      const job = await world.taken(world.living)
      await world.renew(job)
      await world.keepAlive(job, 901)
      return ''
    },
    act: (world, queue) => world.take(queue),
    after: async (world) => {
      const [owner] = world.held.slice(-1)
      if (owner) await world.complete(owner)
      await lookAgain(world)
    },
  },
  {
    name: 'receives the replacement of a message whose owner is dead, and completes the job',
    before: async (world) => {
      const id = await worn(world)
      await world.renew(await world.taken(world.living))
      world.passSeconds(901)
      return id
    },
    act: async (world, queue) => world.complete(await world.taken(queue)),
    after: lookAgain,
  },
  {
    name: 'leaves a job to another that began before',
    before: async (world) => {
      const id = await submitted(world)
      await world.post(world.witness.sent[0]?.message.body ?? '')
      await world.taken(world.living)
      return id
    },
    act: async (world, queue) => {
      const [first] = world.held
      world.passSeconds(1)
      const second = await world.taken(queue)
      world.passSeconds(5)
      if (first) await world.beat(first)
      await world.beat(second)
      await second[Symbol.asyncDispose]()
    },
    after: lookAgain,
  },
]

const races: readonly Scenario[] = [
  {
    name: 'cancels a job that waits',
    before: submitted,
    act: (world, queue, id) => world.cancel(queue, id),
  },
  {
    name: 'cancels a job that has ended',
    before: async (world) => {
      const id = await submitted(world)
      await world.complete(await world.taken(world.living))
      return id
    },
    act: (world, queue, id) => world.cancel(queue, id),
  },
  {
    name: 'cancels a job that is worked on and completes afterwards',
    before: async (world) => {
      const id = await submitted(world)
      await world.taken(world.living)
      return id
    },
    act: (world, queue, id) => world.cancel(queue, id),
    after: (world) => Promise.all(world.held.map((job) => world.complete(job))),
  },
  {
    name: 'completes a job that was cancelled meanwhile',
    before: submitted,
    act: async (world, queue, id) => {
      const job = await world.taken(queue)
      await world.cancel(world.living, id)
      await world.complete(job)
    },
  },
  {
    name: 'completes and cancels at the same time',
    before: submitted,
    act: async (world, queue, id) => {
      const job = await world.taken(queue)
      await Promise.allSettled([world.complete(job), world.cancel(queue, id)])
    },
  },
  {
    name: 'finishes a job slowly, after another has',
    before: submitted,
    act: async (world, queue) => {
      const slow = await world.taken(queue)
      await world.witness.endLeases()
      await world.complete(await world.taken(world.living))
      await world.complete(slow)
    },
  },
  {
    name: 'finishes a job while another is at it',
    before: submitted,
    act: async (world, queue) => {
      const slow = await world.taken(queue)
      await world.witness.endLeases()
      const quick = await world.taken(world.living)
      world.meanwhile(world.complete(quick))
      await world.complete(slow)
    },
  },
]

const notification = (world: World): string =>
  JSON.stringify({
    Records: ['a.txt', 'b+c.txt', 'd%C3%A9.txt'].map((key, index) => ({
      eventName: 'ObjectCreated:Put',
      s3: { bucket: { name: world.place.bucket }, object: { key, sequencer: `00${index}` } },
    })),
  })

const messages: readonly Scenario[] = [
  {
    name: 'receives an S3 notification of several objects',
    before: async (world) => {
      await world.post(notification(world))
      return ''
    },
    act: (world, queue) => world.take(queue),
  },
  {
    name: 'receives poison',
    before: async (world) => {
      await world.post('{bad')
      return ''
    },
    act: (world, queue) => world.take(queue),
    after: async (world) => {
      await world.recover()
      const letters = world.witness.sent.filter(({ queue }) => queue === world.place.deadLetterQueue)
      if (!letters.some(({ message }) => message.attributes?.['reason']))
        world.witness.misdeeds.push('poison left no dead letter')
    },
  },
  {
    name: 'receives a job that has ended already',
    before: async (world) => {
      const id = await redelivered(world)
      const quick = await world.taken(world.living)
      await world.cancel(world.living, id)
      await quick.release()
      return id
    },
    act: (world, queue) => world.take(queue),
  },
  {
    name: 'listens on the queue of completed jobs',
    before: async (world) => {
      const id = await submitted(world)
      await world.complete(await world.taken(world.living))
      return id
    },
    act: async (world, queue) => {
      const job = await world.take(queue, 'completed')
      await job?.result()
      await job?.acknowledge()
    },
  },
]

/** A job whose requester waits to be told of its end. */
const tellable = async (world: World): Promise<string> =>
  (await world.submit(world.process({ replies: true }), { n: 1, body: input })).id

const replies: readonly Scenario[] = [
  {
    name: 'makes a reply queue, and submits a job with its name',
    options: { replies: true },
    act: (world, queue) => world.submit(queue, { n: 1, body: input }),
  },
  {
    name: 'makes a reply queue, and removes it at the end',
    options: { replies: true },
    act: (_, queue) => queue.close(),
  },
  {
    name: 'completes a job whose requester is to be told',
    before: tellable,
    act: async (world, queue) => world.complete(await world.taken(queue)),
  },
]

export const scenarios: readonly Scenario[] = [
  ...submits,
  ...ownIds,
  ...triggers,
  ...workers,
  ...renewals,
  ...races,
  ...messages,
  ...replies,
]
