import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Backend, MessageQueue } from '../../src/backend.ts'
import { hasCode } from '../../src/errors.ts'
import type { Open, Opened } from './contract.ts'

/** What every backend keeps of queues that come and go while others work. */
export function addedQueueContract(open: Open, restart: () => Backend): void {
  describe('a queue that is added', () => {
    const added = async (): Promise<{ here: Opened; there: Opened; name: string }> => {
      const here = await open()
      const there = await open(here.place, restart())
      const name = `${here.place.deadLetterQueue.slice(0, 30)}-reply-${randomUUID()}`
      await here.addQueue(name)
      return { here, there, name }
    }

    test('wakes whoever waits at it, though another process sends', async () => {
      const { here, there, name } = await added()
      const waiting = received(here.queue(name))
      await there.queue(name).send({ body: 'hello' })
      expect(await waiting).toEqual(['hello'])
    })

    test('keeps apart what is its own', async () => {
      const { here, there, name } = await added()
      await there.queue(name).send({ body: 'told' })
      expect(await here.pending.receive({ max: 10, waitSeconds: 0, leaseSeconds: 30 })).toEqual([])
      const [delivery] = await here.queue(name).receive({ max: 1, waitSeconds: 5, leaseSeconds: 30 })
      expect(delivery?.body).toBe('told')
      await here.queue(name).delete(delivery?.receipt ?? '')
      expect(await here.queue(name).receive({ max: 1, waitSeconds: 1, leaseSeconds: 30 })).toEqual([])
    })

    test('is NOT_FOUND once it is removed, and removing it again is no error', async () => {
      const { here, there, name } = await added()
      await there.queue(name).send({ body: 'lost with it' })
      await here.removeQueue(name)
      await here.removeQueue(name)
      await expect
        .poll(
          () =>
            there
              .queue(name)
              .send({ body: 'late' })
              .then(() => 'sent', code),
          { timeout: 15_000, interval: 500 },
        )
        .toBe('NOT_FOUND')
    })

    test('that nobody ever added is NOT_FOUND to who sends to it', async () => {
      const { queue } = await open()
      expect(
        await queue(`never-reply-${randomUUID()}`)
          .send({ body: 'x' })
          .then(() => 'sent', code),
      ).toBe('NOT_FOUND')
    })
  })
}

function code(error: unknown): string {
  return hasCode(error, 'NOT_FOUND') ? 'NOT_FOUND' : String(error)
}

async function received(queue: MessageQueue): Promise<readonly string[]> {
  const deliveries = await queue.receive({ max: 10, waitSeconds: 15, leaseSeconds: 30 })
  return deliveries.map(({ body }) => body)
}
