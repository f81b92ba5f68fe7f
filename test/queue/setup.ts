import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { awsBackend } from '../../src/aws/backend.ts'
import type { Backend, Delivery, OpenBackend } from '../../src/backend.ts'
import { type Job, Queue, type QueueOptions, RemoteJobError } from '../../src/index.ts'
import { settingsFrom } from '../../src/lifecycle/settings.ts'
import { localBackend } from '../../src/local.ts'
import { startEmulator } from '../servers/emulator.ts'

/** Where a suite's queues live. */
interface Ground {
  readonly backend: () => Backend
  close(): Promise<void>
}

/** Files and SQLite in a directory of its own; power cuts are the backend's own tests. */
export async function onLocal(): Promise<Ground> {
  const directory = await mkdtemp(join(tmpdir(), 'remotejob-queue-'))
  return {
    backend: () => localBackend({ directory, fsync: false }),
    close: () => rm(directory, { recursive: true, force: true }),
  }
}

/** The real SDK over HTTP. */
export async function onAws(): Promise<Ground> {
  const emulator = await startEmulator()
  return { backend: () => awsBackend(emulator.options), close: () => emulator.close() }
}

/** For `describe.each`: what is promised is promised on both. */
export const grounds = [
  { ground: 'the local backend', start: onLocal },
  { ground: 'S3 and SQS', start: onAws },
]

/** A queue of its own for one test, and a way behind its back. */
export interface Scene<Metadata, Input> {
  readonly queue: Queue<Metadata, Input>
  readonly name: string
  readonly bucket: string
  /** Another program's Queue of the same name. */
  another(options?: QueueOptions<Metadata, Input>): Queue<Metadata, Input>
  readonly backend: Backend
  /** The backend itself, bound to the queue's names. */
  readonly raw: OpenBackend
  /** Puts a message into the queue of `status` by hand. */
  send(body: unknown, status?: string, attributes?: Record<string, string>): Promise<void>
  /** What is in the dead-letter queue now. */
  deadLetters(): Promise<readonly Delivery[]>
  /** The keys in the bucket, less the one that was written to try the store out. */
  keys(prefix?: string): Promise<readonly string[]>
}

export interface Stage {
  setup<Metadata = Record<string, unknown>, Input = Metadata>(
    options?: QueueOptions<Metadata, Input>,
  ): Promise<Scene<Metadata, Input>>
}

/** What the tests of a `describe` stand on. */
interface GroundInUse {
  /** Another backend there. */
  backend(): Backend
  /** What is closed after the last test, before the ground. */
  readonly opened: { close(): Promise<void> }[]
}

/** Starts a ground for the tests of a `describe`; all that they opened is closed after the last. */
export function useGround(start: () => Promise<Ground>): GroundInUse {
  let ground: Ground | undefined
  const opened: { close(): Promise<void> }[] = []
  beforeAll(async () => {
    ground = await start()
  })
  afterAll(async () => {
    await Promise.all(opened.map((one) => one.close()))
    await ground?.close()
  })
  return {
    opened,
    backend() {
      if (!ground) throw new Error('setup is for tests, not for describe')
      return ground.backend()
    },
  }
}

/** Queues on a ground, for the tests of a `describe`. */
export function useStage(start: () => Promise<Ground>): Stage {
  const { backend, opened } = useGround(start)
  return {
    async setup<Metadata, Input>(options: QueueOptions<Metadata, Input> = {}) {
      const name = `q${randomUUID().slice(0, 13)}`
      const make = (more: QueueOptions<Metadata, Input> = {}): Queue<Metadata, Input> => {
        const queue = new Queue<Metadata, Input>(name, { backend: backend(), ...options, ...more })
        opened.push(queue)
        return queue
      }
      const { place } = settingsFrom(name, options)
      const raw = backend().open(place)
      await raw.ready()
      opened.push(raw)
      return { queue: make(), name, bucket: place.bucket, another: make, backend: backend(), raw, ...behind(raw, name) }
    },
  }
}

function behind(raw: OpenBackend, name: string): Pick<Scene<unknown, unknown>, 'send' | 'deadLetters' | 'keys'> {
  return {
    async send(body, status = 'pending', attributes = {}) {
      await raw
        .queue(`${name}-${status}`)
        .send({ body: typeof body === 'string' ? body : JSON.stringify(body), attributes })
    },
    async deadLetters() {
      const found: Delivery[] = []
      for (;;) {
        const some = await raw.queue(`${name}-dead`).receive({ max: 10, waitSeconds: 0, leaseSeconds: 30 })
        if (some.length === 0) return found
        found.push(...some)
      }
    },
    async keys(prefix = '') {
      const found: string[] = []
      for (let more = true; more;) {
        const page = await raw.objects.list(prefix, { after: found.at(-1) })
        found.push(...page.objects.map(({ key }) => key))
        more = page.more
      }
      return found.filter((key) => !key.startsWith('probe/'))
    },
  }
}

/** The next job; a test that gets none has failed. */
export async function nextOf<Metadata, Input>(
  queue: Queue<Metadata, Input>,
  status = 'pending',
): Promise<Job<Metadata>> {
  const job = await queue.next(status, { waitSeconds: 5 })
  if (!job) throw new Error(`No job came from "${status}"`)
  return job
}

/** The library's error that a promise rejects with. */
export async function refusal(promise: Promise<unknown>): Promise<RemoteJobError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof RemoteJobError) return error
  throw new Error(`Expected a RemoteJobError, got ${String(error)}`, { cause: error })
}
