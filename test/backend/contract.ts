import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Backend, MessageQueue, OpenBackend, Place } from '../../src/backend.ts'
import { hasCode } from '../../src/errors.ts'
import { expiriesOf } from '../../src/protocol/retention.ts'
import { addedQueueContract } from './added-queue-contract.ts'
import { messageContract } from './message-contract.ts'
import { objectContract } from './object-contract.ts'

/** One store that the suite runs on; its places are told apart by their names. */
export interface ContractStore {
  readonly backend: Backend
  /** A place that nobody has used, `auto` and with the given differences. */
  place(overrides?: Partial<Place>): Place
  /** Another backend on the same store, as another process would have it. */
  restart(): Backend
  close(): Promise<void>
}

/** What a server under test cannot show; everything is asked for by default. */
export interface ContractLimits {
  /** `get` with another version's `etag` is refused. */
  readonly conditionalGet?: boolean
  /** `putIfAbsent` has one winner. */
  readonly conditionalPut?: boolean
  /** A key may be the beginning of another, up to a slash: `a`, `a/` and `a/b`. */
  readonly nestedKeys?: boolean
  /** Keys are listed in the order of their bytes. */
  readonly byteOrder?: boolean
  /** A stream that is shorter or longer than the `size` given is refused. */
  readonly checkedSize?: boolean
  /** A receipt is out of date once the message was received again. */
  readonly staleReceipts?: boolean
  /** A lease that is over cannot be extended, though nobody else has the message. */
  readonly endedLeases?: boolean
  /** A message above 1 MiB is refused. */
  readonly messageSize?: boolean
  /** Messages received too often are moved to the dead-letter queue. */
  readonly deadLetters?: boolean
  /** Objects go by themselves when they are so old. */
  readonly retention?: boolean
  /** `stop` ends a long poll at once. */
  readonly stop?: boolean
}

/** An open place with its parts at hand. */
export interface Opened extends OpenBackend {
  readonly place: Place
  readonly pending: MessageQueue
  readonly dead: MessageQueue
}

export type Open = (overrides?: Partial<Place>, backend?: Backend) => Promise<Opened>

/** What every backend keeps; each runs it from its own test file. */
export function backendContract(name: string, setup: () => Promise<ContractStore>, limits: ContractLimits = {}): void {
  describe(name, () => {
    let store: ContractStore
    beforeAll(async () => {
      store = await setup()
    })
    afterAll(() => store.close())

    const bind = (place: Place, backend = store.backend): Opened => {
      const opened = backend.open(place)
      onTestFinished(() => opened.close())
      return {
        objects: opened.objects,
        queue: (queue) => opened.queue(queue),
        addQueue: (name) => opened.addQueue(name),
        removeQueue: (name) => opened.removeQueue(name),
        ready: () => opened.ready(),
        close: () => opened.close(),
        place,
        pending: opened.queue(place.queues.get('pending') ?? ''),
        dead: opened.queue(place.deadLetterQueue),
      }
    }
    const open: Open = async (overrides, backend) => {
      const opened = bind(store.place(overrides), backend)
      await opened.ready()
      return opened
    }

    placeContract(() => store, bind, limits)
    objectContract(open, () => store.restart(), limits)
    messageContract(open, () => store.restart(), limits)
    addedQueueContract(open, () => store.restart())
  })
}

function placeContract(
  store: () => ContractStore,
  bind: (place: Place, backend?: Backend) => Opened,
  { retention = true }: ContractLimits,
): void {
  describe('a place', () => {
    test('can be made by many at once, and again', async () => {
      const place = store().place()
      const opened = [bind(place), bind(place), bind(place, store().restart())]
      await Promise.all(opened.map((one) => one.ready()))
      await opened[0]?.ready()
      await opened[0]?.pending.send({ body: 'hello' })
      expect(await opened[1]?.pending.receive({ max: 1, waitSeconds: 5, leaseSeconds: 30 })).toHaveLength(1)
    })

    test('that is missing is NOT_FOUND to one who may not make it, and found once somebody did', async () => {
      const place = store().place()
      const finder = bind({ ...place, provision: 'never' }, store().restart())
      await expect(finder.ready()).rejects.toSatisfy((error) => hasCode(error, 'NOT_FOUND'))
      await bind(place).ready()
      await finder.ready()
      await finder.objects.put('key', Buffer.from('found'))
      expect(await finder.objects.head('key')).toMatchObject({ size: 5 })
    })

    test.runIf(retention)('with a retention can be made, changed and made again, and what is young stays', async () => {
      const place = store().place({ expiries: expiriesOf('', 15) })
      const opened = bind(place)
      await opened.ready()
      await opened.objects.put('inputs/young', Buffer.from('body'))
      await bind({ ...place, expiries: expiriesOf('', 30) }, store().restart()).ready()
      await opened.ready()
      expect(await opened.objects.head('inputs/young')).toMatchObject({ size: 4 })
    })

    test('may be closed twice, and before it was ready', async () => {
      const opened = bind(store().place())
      await opened.close()
      await opened.close()
    })
  })
}
