import { describe, expect, test } from 'vitest'
import type { Backend, Delivery, MessageQueue } from '../../src/backend.ts'
import { hasCode } from '../../src/errors.ts'
import type { ContractLimits, Open } from './contract.ts'

/** What every message queue keeps. */
export function messageContract(open: Open, restart: () => Backend, limits: ContractLimits): void {
  describe('a message', () => {
    test('is delivered with its body, its attributes and its count', async () => {
      const { pending } = await open()
      const attributes = Object.fromEntries(
        Array.from({ length: 10 }, (_, index) => [`name-${index}`, `värde ${index}`]),
      )
      const before = Date.now()
      await pending.send({ body: 'line\n\tüñí 😀 "quoted"', attributes, group: 'tenant' })
      const delivery = await take(pending)
      expect(delivery).toMatchObject({ body: 'line\n\tüñí 😀 "quoted"', attributes, receiveCount: 1 })
      expect(delivery.messageId).not.toBe('')
      expect(Math.abs(delivery.sentAt.getTime() - before)).toBeLessThan(60_000)
    })

    test('without attributes has none', async () => {
      const { pending } = await open()
      await pending.send({ body: 'plain' })
      expect((await take(pending)).attributes).toEqual({})
    })

    test('may be 250 KiB long', async () => {
      const { pending } = await open()
      await pending.send({ body: 'é'.repeat(125 * 1024) })
      expect((await take(pending)).body).toBe('é'.repeat(125 * 1024))
    })

    test.skipIf(limits.messageSize === false)('above 1 MiB is INVALID_ARGUMENT', async () => {
      const { pending } = await open()
      await expect(pending.send({ body: 'é'.repeat(512 * 1024 + 1) })).rejects.toSatisfy((error) =>
        hasCode(error, 'INVALID_ARGUMENT'),
      )
    })

    test('is gone once deleted', async () => {
      const { pending } = await open()
      await pending.send({ body: 'one' })
      const { receipt } = await take(pending, 1)
      await pending.delete(receipt)
      await pending.delete(receipt)
      expect(await pending.receive({ max: 10, waitSeconds: 2, leaseSeconds: 30 })).toEqual([])
    })

    test('is delivered from its own queue, in another process too', async () => {
      const here = await open()
      const there = await open(here.place, restart())
      await here.queue(here.place.queues.get('completed') ?? '').send({ body: 'done' })
      expect(await there.pending.receive({ max: 10, waitSeconds: 0, leaseSeconds: 30 })).toEqual([])
      expect(await take(there.queue(here.place.queues.get('completed') ?? ''))).toMatchObject({ body: 'done' })
    })

    test('waits for its delay', async () => {
      const { pending } = await open()
      const before = Date.now()
      await pending.send({ body: 'later', delaySeconds: 2 })
      expect(await pending.receive({ max: 1, waitSeconds: 0, leaseSeconds: 30 })).toEqual([])
      expect(await take(pending)).toMatchObject({ body: 'later', receiveCount: 1 })
      expect(Date.now() - before).toBeGreaterThan(1500)
    })

    test('whose sender had given up before is never sent', async () => {
      const { pending } = await open()
      const reason = new Error('before')
      await expect(pending.send({ body: 'no' }, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
      expect(await pending.receive({ max: 1, waitSeconds: 0, leaseSeconds: 30 })).toEqual([])
    })

    test('goes to one receiver of many while its lease holds', async () => {
      const here = await open()
      const there = await open(here.place, restart())
      const sent = Array.from({ length: 40 }, (_, index) => `${index}`)
      await Promise.all(sent.map((body) => here.pending.send({ body })))
      const got: string[] = []
      const work = async (queue: MessageQueue): Promise<void> => {
        while (got.length < sent.length) {
          const deliveries = await queue.receive({ max: 3, waitSeconds: 1, leaseSeconds: 30 })
          got.push(...deliveries.map(({ body }) => body))
        }
      }
      await Promise.all([work(here.pending), work(there.pending), work(here.pending)])
      expect(got.toSorted((a, b) => Number(a) - Number(b))).toEqual(sent)
    })
  })

  describe('a lease', () => {
    test('that ends gives the message to the next, with a new receipt and a higher count', async () => {
      const { pending } = await open()
      await pending.send({ body: 'one' })
      const first = await take(pending, 1)
      expect(await pending.receive({ max: 1, waitSeconds: 0, leaseSeconds: 30 })).toEqual([])
      const second = await take(pending)
      expect(second).toMatchObject({ body: 'one', messageId: first.messageId, receiveCount: 2 })
      expect(second.receipt).not.toBe(first.receipt)
    })

    test('that is extended holds longer', async () => {
      const { pending } = await open()
      await pending.send({ body: 'one' })
      const { receipt } = await take(pending, 1)
      await pending.extend(receipt, 30)
      expect(await pending.receive({ max: 1, waitSeconds: 2, leaseSeconds: 30 })).toEqual([])
      await pending.extend(receipt, 30)
      await pending.delete(receipt)
    })

    test('of no seconds gives the message back at once', async () => {
      const { pending } = await open()
      await pending.send({ body: 'one' })
      await pending.extend((await take(pending)).receipt, 0)
      expect(await take(pending)).toMatchObject({ receiveCount: 2 })
    })

    test.skipIf(limits.staleReceipts === false)(
      'taken over by another is LEASE_LOST, and its receipt deletes nothing',
      async () => {
        const { pending } = await open()
        await pending.send({ body: 'one' })
        const lost = await take(pending)
        await pending.extend(lost.receipt, 0)
        const held = await take(pending)
        await expect(pending.extend(lost.receipt, 30)).rejects.toSatisfy((error) => hasCode(error, 'LEASE_LOST'))
        await pending.delete(lost.receipt)
        await pending.extend(held.receipt, 30)
        await pending.extend(held.receipt, 0)
        expect(await take(pending)).toMatchObject({ receiveCount: 3 })
      },
    )

    test.skipIf(limits.endedLeases === false)('that is over is LEASE_LOST', async () => {
      const { pending } = await open()
      await pending.send({ body: 'one' })
      const { receipt } = await take(pending)
      await pending.extend(receipt, 0)
      await expect(pending.extend(receipt, 30)).rejects.toSatisfy((error) => hasCode(error, 'LEASE_LOST'))
    })

    test('of a deleted message is LEASE_LOST', async () => {
      const { pending } = await open()
      await pending.send({ body: 'one' })
      const { receipt } = await take(pending)
      await pending.delete(receipt)
      await expect(pending.extend(receipt, 30)).rejects.toSatisfy((error) => hasCode(error, 'LEASE_LOST'))
    })
  })

  describe('a receive', () => {
    test('of an empty queue ends at once when it need not wait', async () => {
      const { pending } = await open()
      expect(await pending.receive({ max: 10, waitSeconds: 0, leaseSeconds: 30 })).toEqual([])
    })

    test('of an empty queue ends when its wait is over', async () => {
      const { pending } = await open()
      const before = Date.now()
      expect(await pending.receive({ max: 10, waitSeconds: 1, leaseSeconds: 30 })).toEqual([])
      expect(Date.now() - before).toBeGreaterThan(900)
    })

    test('takes no more than was asked for', async () => {
      const { pending } = await open()
      await Promise.all(Array.from({ length: 12 }, (_, index) => pending.send({ body: `${index}` })))
      expect((await pending.receive({ max: 3, waitSeconds: 0, leaseSeconds: 30 })).length).toBeLessThanOrEqual(3)
    })

    test('that waits wakes for a message', async () => {
      const { pending } = await open()
      const before = Date.now()
      const waiting = pending.receive({ max: 1, waitSeconds: 20, leaseSeconds: 30 })
      await pending.send({ body: 'wake' })
      expect(await waiting).toMatchObject([{ body: 'wake' }])
      expect(Date.now() - before).toBeLessThan(10_000)
    })

    test('for several does not wait for more than one', async () => {
      const { pending } = await open()
      await pending.send({ body: 'one' })
      const before = Date.now()
      expect(await pending.receive({ max: 10, waitSeconds: 20, leaseSeconds: 30 })).toMatchObject([{ body: 'one' }])
      expect(Date.now() - before).toBeLessThan(10_000)
    })

    test.skipIf(limits.stop === false)('that waits ends when it is stopped', async () => {
      const { pending } = await open()
      const stop = new AbortController()
      const before = Date.now()
      const waiting = pending.receive({ max: 1, waitSeconds: 20, leaseSeconds: 30, stop: stop.signal })
      stop.abort()
      expect(await waiting).toEqual([])
      expect(await pending.receive({ max: 1, waitSeconds: 20, leaseSeconds: 30, stop: stop.signal })).toEqual([])
      expect(Date.now() - before).toBeLessThan(10_000)
    })
  })

  describe.skipIf(limits.deadLetters === false)('a message received too often', () => {
    const receiveAndRelease = async (queue: MessageQueue): Promise<number> => {
      const delivery = await take(queue)
      await queue.extend(delivery.receipt, 0)
      return delivery.receiveCount
    }

    test('moves to the dead-letter queue at the next receive', async () => {
      const { pending, dead } = await open({ maxReceives: 2 })
      await pending.send({ body: 'poison', attributes: { why: 'bad' } })
      expect(await receiveAndRelease(pending)).toBe(1)
      expect(await receiveAndRelease(pending)).toBe(2)
      expect(await pending.receive({ max: 1, waitSeconds: 0, leaseSeconds: 30 })).toEqual([])
      expect(await take(dead)).toMatchObject({ body: 'poison', attributes: { why: 'bad' } })
    })

    test('does not keep others from being received', async () => {
      const { pending } = await open({ maxReceives: 1 })
      await pending.send({ body: 'poison' })
      await receiveAndRelease(pending)
      await pending.send({ body: 'good' })
      expect(await take(pending)).toMatchObject({ body: 'good' })
    })

    test('has the highest limit that anybody asked for', async () => {
      const { pending, place } = await open({ maxReceives: 1 })
      await open({ ...place, maxReceives: 3 })
      await open({ ...place, maxReceives: 2 })
      await pending.send({ body: 'one' })
      expect([
        await receiveAndRelease(pending),
        await receiveAndRelease(pending),
        await receiveAndRelease(pending),
      ]).toEqual([1, 2, 3])
      expect(await pending.receive({ max: 1, waitSeconds: 0, leaseSeconds: 30 })).toEqual([])
    })
  })
}

/** The next message, waited for: a server may take its time. */
async function take(queue: MessageQueue, leaseSeconds = 30): Promise<Delivery> {
  for (let poll = 0; poll < 10; poll += 1) {
    const [delivery] = await queue.receive({ max: 1, waitSeconds: 2, leaseSeconds })
    if (delivery) return delivery
  }
  throw new Error('Expected a message, got none in 20 seconds')
}
