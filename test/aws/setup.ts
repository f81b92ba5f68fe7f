import { randomUUID } from 'node:crypto'
import { onTestFinished } from 'vitest'
import { awsBackend } from '../../src/aws/backend.ts'
import type { AwsOptions } from '../../src/aws/options.ts'
import type { MessageQueue, OpenBackend, Place } from '../../src/backend.ts'
import { type Emulator, startEmulator } from '../servers/emulator.ts'

/** The names of a queue that nobody has used. */
export function newPlace(overrides: Partial<Place> = {}): Place {
  const name = `t${randomUUID().slice(0, 13)}`
  const statuses = ['pending', 'completed', 'failed']
  return {
    bucket: `remotejobs-${name}`,
    queues: new Map(statuses.map((status) => [status, `${name}-${status}`])),
    deadLetterQueue: `${name}-dead`,
    pendingQueue: `${name}-pending`,
    maxReceives: 10,
    leaseSeconds: 30,
    provision: 'auto',
    ...overrides,
  }
}

export interface Setup {
  readonly emulator: Emulator
  readonly place: Place
  /** Another backend on the same names, not provisioned. */
  open(overrides?: Partial<Place>, options?: AwsOptions): OpenBackend & { readonly pending: MessageQueue }
}

/** Servers of this test's own, with nothing in them. */
export async function setup(): Promise<Setup> {
  const emulator = await startEmulator()
  onTestFinished(() => emulator.close())
  const place = newPlace()
  return {
    emulator,
    place,
    open(overrides, options) {
      const opened = awsBackend({ ...emulator.options, ...options }).open({ ...place, ...overrides })
      onTestFinished(() => opened.close())
      return {
        objects: opened.objects,
        queue: (name) => opened.queue(name),
        addQueue: (name) => opened.addQueue(name),
        removeQueue: (name) => opened.removeQueue(name),
        ...(opened.events && { events: opened.events.bind(opened) }),
        ready: () => opened.ready(),
        close: () => opened.close(),
        pending: opened.queue(place.pendingQueue ?? ''),
      }
    },
  }
}

/** Servers with the bucket and queues made, the making not counted. */
export async function setupReady(): Promise<Setup & ReturnType<Setup['open']>> {
  const fresh = await setup()
  const opened = fresh.open()
  await opened.ready()
  fresh.emulator.reset()
  return { ...fresh, ...opened }
}
