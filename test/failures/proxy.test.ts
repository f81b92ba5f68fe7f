import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { Queue, type WorkerEvent } from '../../src/index.ts'
import { Random } from '../chaos/random.ts'
import { type Emulator, type Fault, startEmulator } from '../servers/emulator.ts'
import { doubled, early, late, undeleted } from '../servers/mischief.ts'

/** Each thing that the proxy between SDK and servers can do, and what the library makes of it. */

const input = Buffer.alloc(300_000, 'input ')
let emulator: Emulator
let names = 0

beforeAll(async () => {
  emulator = await startEmulator()
})
afterAll(() => emulator.close())
afterEach(() => {
  emulator.reset()
  emulator.interpose = (request, perform) => perform(request)
})

describe('a request that fails is made again, and one result is written, when it', () => {
  const answers: readonly (readonly [string, Pick<Fault, 'when' | 'answer'>])[] = [
    ['is dropped', { answer: 'drop' }],
    ['takes effect, and its answer is dropped', { when: 'after', answer: 'drop' }],
    ['is answered 500', { answer: { status: 500 } }],
    ['is answered 503', { answer: { status: 503, code: 'ServiceUnavailable' } }],
    ['is answered 429', { answer: { status: 429, code: 'TooManyRequests' } }],
  ]
  const cases = [
    ...answers.flatMap(([name, fault]) =>
      ['PutObject', 'SendMessage'].map((operation) => [name, operation, fault] as const),
    ),
    ...['ReceiveMessage', 'GetObject', 'DeleteMessage'].map(
      (operation) => ['is dropped', operation, { answer: 'drop' }] as const,
    ),
  ]
  test.each(cases)('%s (%s)', async (_, operation, fault) => {
    const { queue, work, events } = await setup()
    emulator.fail({ operation, ...fault })
    const handle = await queue.submit({ n: 1, body: input })
    const { value } = await work(() => handle.result({ timeoutSeconds: 15 }))
    expect(value).toBe(input.byteLength)
    expect(emulator.count(operation)).toBeGreaterThan(1)
    expect(events.filter(({ name }) => name === 'completed')).toHaveLength(1)
    expect(results()).toBe(1)
  })

  test('is answered 409, which leaves a conditional write undecided', async () => {
    const { queue, work } = await setup()
    emulator.fail({ operation: 'PutObject', key: /^results\//, times: 3, answer: { status: 409, code: 'Conflict' } })
    const handle = await queue.submit({ n: 1, body: input })
    expect(await work(() => handle.result({ timeoutSeconds: 15 }))).toMatchObject({ value: input.byteLength })
    expect(resultsWritten()).toBe(4)
  })
})

test('an input whose body is cut half-way goes on where it stopped', async () => {
  const { queue, work } = await setup()
  emulator.fail({ operation: 'GetObject', key: /^inputs\//, when: 'after', answer: 'cut' })
  const handle = await queue.submit({ n: 1, body: input })
  expect(await work(() => handle.result({ timeoutSeconds: 15 }))).toMatchObject({ value: input.byteLength })
  const reads = emulator.requests.filter(
    ({ operation, key }) => operation === 'GetObject' && key?.startsWith('inputs/'),
  )
  expect(reads.map(({ headers }) => headers.range)).toEqual([undefined, expect.stringMatching(/^bytes=\d+-/)])
})

test('requests that are late are waited for, and not made again', async () => {
  const { queue, work } = await setup()
  emulator.interpose = (request, perform) => late(request, perform, 0.4)
  const handle = await queue.submit({ n: 1, body: input })
  expect(await work(() => handle.result({ timeoutSeconds: 15 }))).toMatchObject({ value: input.byteLength })
  expect([emulator.count('SendMessage'), resultsWritten()]).toEqual([2, 1])
})

test('a message that comes twice makes one result, and both copies go', async () => {
  const { queue, work, runs } = await setup()
  emulator.interpose = (request, perform) =>
    request.operation === 'SendMessage' && request.key === `${queue.name}-pending`
      ? doubled(request, perform)
      : perform(request)
  const handle = await queue.submit({ n: 1, body: input })
  await work(async () => {
    await handle.result({ timeoutSeconds: 15 })
    await expect.poll(() => deletions(), { timeout: 15_000 }).toBeGreaterThanOrEqual(2)
  })
  expect(runs()).toBeLessThanOrEqual(2)
  expect(results()).toBe(1)
  expect(await queue.next('pending', { waitSeconds: 4 })).toBeUndefined()
})

test('a message that comes back after it was deleted runs nothing again, and is deleted again', async () => {
  const { queue, work, runs } = await setup()
  let isUndone = false
  emulator.interpose = (request, perform) => {
    if (isUndone || !request.operation.startsWith('DeleteMessage')) return perform(request)
    isUndone = true
    return Promise.resolve(undeleted(request))
  }
  const handle = await queue.submit({ n: 1, body: input })
  await work(async () => {
    await handle.result({ timeoutSeconds: 15 })
    await expect.poll(() => deletions(), { timeout: 15_000 }).toBe(2)
  })
  expect([isUndone, runs(), results()]).toEqual([true, 1, 1])
  expect(await queue.next('pending', { waitSeconds: 4 })).toBeUndefined()
})

test('a lease that ends early lets two work on a job, of whom one ends it', async () => {
  // The first heartbeat comes after the lease's real end.
  const { queue, work, runs, events } = await setup(6)
  let shortened = 0
  emulator.interpose = (request, perform) => {
    if (request.operation !== 'ReceiveMessage' || shortened > 0 || request.key !== `${queue.name}-pending`)
      return perform(request)
    shortened += 1
    return early(request, perform, 1)
  }
  const handle = await queue.submit({ n: 1, takesSeconds: 2.5 })
  await work(async () => {
    await handle.result({ timeoutSeconds: 15 })
    await expect.poll(() => ends(events), { timeout: 15_000 }).toBe(2)
  })
  expect(runs()).toBe(2)
  expect(events.filter(({ name }) => name === 'completed')).toHaveLength(1)
  expect(results()).toBe(1)
})

test('a seed draws the same weather again', () => {
  const draw = (seed: number): number[] => {
    const random = new Random(seed)
    return Array.from({ length: 100 }, () => random.next())
  }
  expect(draw(7)).toEqual(draw(7))
  expect(draw(8)).not.toEqual(draw(7))
})

interface Task {
  readonly n: number
  readonly takesSeconds?: number
}

async function setup(leaseSeconds = 3) {
  const queue = new Queue<Task>(`proxied-${(names += 1)}`, { ...emulator.options, leaseSeconds })
  onTestFinished(() => queue.close())
  await queue.ready()
  emulator.reset()
  const events: WorkerEvent[] = []
  let runs = 0
  /** Lets a worker work while something is awaited. */
  const work = async <Result>(act: () => Promise<Result>): Promise<Result> => {
    const worker = queue.work(
      async (job) => {
        runs += 1
        const { takesSeconds = 0 } = job.metadata
        if (takesSeconds > 0) await new Promise((resolve) => setTimeout(resolve, takesSeconds * 1000))
        return { value: (await job.bytes()).byteLength }
      },
      { onEvent: (event) => events.push(event) },
    )
    try {
      return await act()
    } finally {
      await worker.close({ timeoutSeconds: 0 })
    }
  }
  return { queue, work, events, runs: () => runs }
}

const ends = (events: readonly WorkerEvent[]): number =>
  events.filter(({ name }) => name === 'completed' || name === 'superseded' || name === 'lost').length

function resultsWritten(): number {
  return emulator.requests.filter(({ operation, key }) => operation === 'PutObject' && key?.startsWith('results/'))
    .length
}

function deletions(): number {
  return emulator.requests.filter(
    ({ operation, key }) => operation.startsWith('DeleteMessage') && key?.endsWith('-pending'),
  ).length
}

/** How many jobs have a result. */
function results(): number {
  const written = emulator.requests.filter(
    ({ operation, key }) => operation === 'PutObject' && key?.startsWith('results/'),
  )
  return new Set(written.map(({ key }) => key)).size
}
