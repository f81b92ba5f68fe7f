import { afterAll, beforeAll } from 'vitest'
import { type Assets, type Job, type JobOptions, Queue, type QueueOptions } from '../../src/index.ts'
import { awsBackend } from '../../src/aws/backend.ts'
import type { OpenBackend } from '../../src/backend.ts'
import { settingsFrom } from '../../src/lifecycle/settings.ts'
import { type Emulator, startEmulator } from '../servers/emulator.ts'

type Data = Record<string, unknown>

export const body = 'the input'
/** The most that rides in a result, and one byte more. */
export const small = Buffer.alloc(64 * 1024)
export const large = Buffer.alloc(64 * 1024 + 1)
export const above2KB = 'm'.repeat(2000)
export const above48KiB = 'm'.repeat(48 * 1024)

export interface Scene {
  readonly queue: Queue<Data>
  /** The same backend, bound to the queue's names. */
  open(): OpenBackend
  /** What an act asks the servers for, e.g. `PutObject results` or `SendMessage pending`. */
  requestsOf(act: () => Promise<unknown>): Promise<string[]>
  /** A job's whole life, each part with its requests. */
  lifeOf(
    data: Data,
    options?: JobOptions,
    assets?: Assets,
  ): Promise<{ submit: string[]; start: string[]; end: string[] }>
}

/** Servers for the tests of one file. */
export function useCosts() {
  let emulator: Emulator
  let queues = 0
  beforeAll(async () => {
    emulator = await startEmulator()
  })
  afterAll(() => emulator.close())
  return {
    emulator: () => emulator,
    setup: (options?: QueueOptions<Data, Data>) => setup(emulator, `cost-${(queues += 1)}`, options),
  }
}

/** A queue whose bucket and queues are there already. */
async function setup(emulator: Emulator, name: string, options: QueueOptions<Data, Data> = {}): Promise<Scene> {
  const queue = new Queue<Data>(name, { ...emulator.options, ...options })
  await queue.ready()
  const requestsOf = async (act: () => Promise<unknown>): Promise<string[]> => {
    emulator.reset()
    await act()
    return emulator.requests.map(({ operation, service, key = '' }) => {
      const place = service === 's3' ? (key.split('/', 1)[0] ?? '') : key.slice(queue.name.length + 1)
      return `${operation} ${place}`.trim()
    })
  }
  return {
    queue,
    open: () => awsBackend(emulator.options).open(settingsFrom(name, options).place),
    requestsOf,
    async lifeOf(data, jobOptions, assets) {
      const submit = await requestsOf(() => queue.submit(data, jobOptions))
      let job: Job<Data> | undefined
      const start = await requestsOf(async () => (job = await queue.next()))
      return { submit, start, end: await requestsOf(async () => job?.complete(assets)) }
    },
  }
}
