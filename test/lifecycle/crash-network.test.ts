import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { awsBackend } from '../../src/aws/backend.ts'
import { type Emulator, type Fault, startEmulator } from '../servers/emulator.ts'
import { scenarios } from './crash-scenarios.ts'
import { blows, sweep } from './crash-sweep.ts'
import { large, small, World } from './crash-world.ts'

/** The crash matrix over the real SDK, which asks again by itself: where its answers are lost, refused or undecided. */

let emulator: Emulator
beforeAll(async () => {
  emulator = await startEmulator()
})
afterAll(() => emulator.close())

async function setup(): Promise<World> {
  const world = new World(() => awsBackend(emulator.options), { leaseSeconds: 3 })
  onTestFinished(() => world.close())
  await world.living.ready()
  emulator.reset()
  return world
}

/** One job's whole life. */
async function live(world: World): Promise<void> {
  const { id } = await world.submit(world.living, { n: 1, body: 'input' }, { id: 'mine' })
  const job = await world.living.next()
  expect(await job.text()).toBe('input')
  await job.complete({ value: job.attempt, assets: { output: large(job.attempt), note: small(job.attempt) } })
  world.told.committed.push({ id, by: 'the worker', status: 'completed' })
}

const operations = (): string[] =>
  emulator.requests.map(({ operation, key }) => `${operation} ${key?.split('/')[0]?.replace(/^q.*-/, '')}`)

describe('a job’s life goes on, whichever of its requests', () => {
  const faults: readonly (Fault & { readonly title: string })[] = [
    { title: 'never arrives', when: 'before', answer: 'drop' },
    { title: 'is done, with the answer lost', when: 'after', answer: 'drop' },
    { title: 'is refused with 503', when: 'before', answer: { status: 503, code: 'ServiceUnavailable' } },
    { title: 'is done, and answered with 500', when: 'after', answer: { status: 500 } },
  ]
  test.each(faults)('$title', { timeout: 60_000 }, async ({ title: _, ...fault }) => {
    for (let from = 1, isOver = false; !isOver; from += 1) {
      const world = await setup()
      emulator.fail({ ...fault, from })
      await live(world)
      const trace = operations()
      isOver = trace.length < from
      emulator.reset()
      await world.recover()
      expect(await world.broken(), `request ${from} of ${trace.join(', ')}`).toEqual([])
      expect(await world.litter(), `request ${from} of ${trace.join(', ')}`).toEqual([])
      await world.close()
    }
  })
})

describe('rows of the matrix that only a network shows', () => {
  test('result put, response lost: the SDK’s own retry gets 412, reads the record, and finds its own nonce', async () => {
    const world = await setup()
    emulator.fail({ operation: 'PutObject', key: /^results\//, when: 'after', answer: 'drop' })
    await live(world)
    expect(operations().slice(-6)).toEqual([
      'PutObject assets',
      'PutObject results',
      'PutObject results',
      'GetObject results',
      'SendMessage completed',
      'DeleteMessage pending',
    ])
  })

  test('409 is undecided: the write is repeated until it is decided', async () => {
    const world = await setup()
    const answer = { status: 409, code: 'ConditionalRequestConflict' }
    emulator.fail({ operation: 'PutObject', key: /^(results|inputs)\//, times: 4, answer })
    await live(world)
    expect(operations().filter((name) => name === 'PutObject inputs')).toHaveLength(5)
    await world.recover()
    expect(await world.broken()).toEqual([])
  })

  test('409, and then somebody else’s 412: the worker learns that it lost, and its files are removed', async () => {
    const world = await setup()
    await world.submit(world.living, { n: 1, body: 'input' })
    const slow = await world.living.next()
    await world.witness.endLeases()
    await world.complete(await world.taken(world.living))
    const answer = { status: 409, code: 'ConditionalRequestConflict' }
    emulator.fail({ operation: 'PutObject', key: /^results\//, times: 2, answer })
    await expect(slow.complete({ output: large(1) })).rejects.toMatchObject({ code: 'ALREADY_SETTLED' })
    await world.recover()
    expect(await world.broken()).toEqual([])
    expect(await world.litter()).toEqual([])
  })

  test('503 SlowDown is waited out', async () => {
    const world = await setup()
    emulator.fail({ operation: 'PutObject', answer: { status: 503, code: 'SlowDown' } })
    await live(world)
    expect(operations().slice(0, 2)).toEqual(['PutObject stored', 'PutObject stored'])
  })

  test('a claim to an id, response lost: the pointer that stands is our own, and nothing of it is removed', async () => {
    const world = await setup()
    emulator.fail({ operation: 'PutObject', key: 'inputs/mine', when: 'after', answer: 'drop' })
    const metadata = { text: 'm'.repeat(50 * 1024) }
    await world.submit(world.living, { ...metadata, body: 'input' }, { id: 'mine' })
    expect(emulator.count('DeleteObject')).toBe(0)
    const job = await world.living.next()
    expect([job.metadata, await job.text()]).toEqual([metadata, 'input'])
  })

  test('a result that cannot be written at all leaves the job with its worker, and then with the next', async () => {
    const world = await setup()
    await world.submit(world.living, { n: 1, body: 'input' })
    const job = await world.living.next()
    emulator.fail({
      operation: 'PutObject',
      key: /^results\//,
      times: Infinity,
      answer: { status: 403, code: 'AccessDenied' },
    })
    await expect(job.complete({ output: large(1) })).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
    emulator.reset()
    await world.recover()
    expect(await world.broken()).toEqual([])
    expect(world.told.ends).toMatchObject([{ attempt: 2 }, { attempt: 2 }])
  })
})

describe('over S3 and SQS too, what was promised is kept', () => {
  const names = [
    'completes a job with a large asset and a small one',
    'submits a body and metadata above 48 KiB with an id of its own',
    'finishes a job while another is at it',
    'receives an S3 notification of several objects',
  ]
  const chosen = scenarios.filter(({ name }) => names.includes(name))
  test.each(chosen)(`when a process ${blows.diesLate.title} while it $name`, async (scenario) => {
    await sweep(() => awsBackend(emulator.options), scenario, blows.diesLate)
  })

  test('and all these scenarios are known', () => expect(chosen).toHaveLength(names.length))
})
