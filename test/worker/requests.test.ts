import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Queue } from '../../src/index.ts'
import { type Emulator, startEmulator } from '../servers/emulator.ts'

const jobs = 1000

describe('what a thousand jobs cost, fifty at a time', () => {
  let emulator: Emulator
  beforeAll(async () => {
    emulator = await startEmulator()
  })
  afterAll(() => emulator.close())

  it.each([
    ['all', 3.45],
    ['results', 1.45],
    ['none', 0.45],
  ] as const)("is, with records: '%s', at most %d requests each", { timeout: 60_000 }, async (records, most) => {
    await using queue = new Queue<{ n: number }>(`requests-${records}`, { ...emulator.options, records })
    await queue.ready()
    emulator.reset()
    await queue.submitMany(Array.from({ length: jobs }, (_, n) => ({ n })))
    const { promise, resolve } = Promise.withResolvers<void>()
    let left = jobs
    const onEvent = ({ name }: { readonly name: string }): void => {
      if (name === 'completed' && --left === 0) resolve()
    }
    const worker = queue.work(together(50), { concurrency: 50, onEvent })
    await promise
    // What nobody waits for is counted too; the poll that is out would take its 20 seconds.
    await worker.close({ timeoutSeconds: 2 })
    const counts = Object.entries(Object.groupBy(emulator.requests, ({ operation }) => operation))
    const said = counts.map(([operation, made]) => `${operation} ${made?.length}`).join(', ')
    expect(emulator.requests.length / jobs, said).toBeLessThanOrEqual(most)
  })
})

describe('what a thousand jobs cost a requester with replies more', () => {
  let emulator: Emulator
  beforeAll(async () => {
    emulator = await startEmulator()
  })
  afterAll(() => emulator.close())
  const made = (operation: string): number =>
    emulator.requests.filter(
      (request) => request.operation.startsWith(operation) && request.key?.includes('-reply-') === true,
    ).length

  it(
    'a tenth of a request each to be told, and where it waits for all, two tenths to take that',
    { timeout: 60_000 },
    async () => {
      await using queue = new Queue<{ n: number }>('told', { ...emulator.options, records: 'none', replies: true })
      await queue.ready()
      const handles = await queue.submitMany(Array.from({ length: jobs }, (_, n) => ({ n })))
      emulator.reset()
      const worker = queue.work(together(50), { concurrency: 50 })
      const results = await Promise.all(handles.map((handle) => handle.result()))
      await worker.close({ timeoutSeconds: 2 })
      expect(results.map(({ id }) => id)).toEqual(handles.map(({ id }) => id))
      expect(made('SendMessage') / jobs).toBeLessThanOrEqual(0.15)
      expect(made('ReceiveMessage') / jobs).toBeLessThanOrEqual(0.3)
      expect(emulator.requests.filter(({ operation }) => operation === 'GetObject')).toEqual([])
      expect(made('DeleteMessage') / jobs).toBeLessThanOrEqual(0.15)
    },
  )
})

/** A handler whose jobs end so many at a time: what they cost is told for many that end within a round trip, on any machine. */
function together(count: number): () => Promise<void> {
  let started = 0
  let running: (() => void)[] = []
  return () =>
    new Promise((resolve) => {
      started += 1
      running.push(resolve)
      if (running.length < count && started < jobs) return
      for (const end of running) end()
      running = []
    })
}
