import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { Delivery, MessageQueue, ReceiveOptions } from '../../src/backend.ts'
import { Poll, type TakeOptions } from '../../src/lifecycle/poll.ts'

/** A queue whose receives are answered by hand. */
class HandQueue implements MessageQueue {
  readonly receives: (ReceiveOptions & { answer(...ids: string[]): void; fail(error: Error): void })[] = []

  receive(options: ReceiveOptions): Promise<readonly Delivery[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly Delivery[]>()
    this.receives.push({ ...options, answer: (...ids) => resolve(ids.map(delivery)), fail: reject })
    return promise
  }

  /** The receive that is out now. */
  get out(): HandQueue['receives'][number] {
    const last = this.receives.at(-1)
    if (!last) throw new Error('no receive was made')
    return last
  }

  send(): Promise<void> {
    throw new Error('not here')
  }

  delete(): Promise<void> {
    throw new Error('not here')
  }

  extend(): Promise<void> {
    throw new Error('not here')
  }
}

function delivery(id: string): Delivery {
  return { messageId: id, receipt: id, body: '', attributes: {}, receiveCount: 1, sentAt: new Date() }
}

function setup() {
  const queue = new HandQueue()
  const back: string[] = []
  const poll = new Poll(queue, 30, async ({ delivery: { messageId } }) => void back.push(messageId))
  const take = async (options: TakeOptions = {}): Promise<string | undefined> =>
    (await poll.take(1, options))[0]?.delivery.messageId
  return { queue, back, poll, take }
}

describe('a poll', () => {
  test('asks for as many messages as are waited for, ten at most, and hands them out in turn', async () => {
    const { queue, take } = setup()
    const first = take()
    const others = Array.from({ length: 12 }, () => take())
    expect(queue.receives).toHaveLength(1)
    expect(queue.out).toMatchObject({ max: 1, waitSeconds: 20, leaseSeconds: 30 })
    queue.out.answer('a')
    expect(await first).toBe('a')
    await turn()
    // A full answer says that there is more: a second poll goes out beside the first, and waits for nothing.
    const [, long, short] = queue.receives
    expect([long?.max, long?.waitSeconds, short?.max, short?.waitSeconds]).toEqual([10, 20, 2, 0])
    long?.answer('b', 'c')
    expect(await Promise.all(others.slice(0, 2))).toEqual(['b', 'c'])
    short?.answer()
    await turn()
    expect([queue.receives.length, queue.out.max, queue.out.waitSeconds]).toEqual([4, 10, 20])
  })

  test('asks again when nothing came, as long as somebody waits', async () => {
    const { queue, take } = setup()
    const waiting = take()
    queue.out.answer()
    await turn()
    expect(queue.receives).toHaveLength(2)
    queue.out.answer('a')
    expect(await waiting).toBe('a')
    await turn()
    expect(queue.receives).toHaveLength(2)
  })

  test('is not asked longer than the most patient wants to wait', async () => {
    const { queue, take } = setup()
    const waiting = [take({ waitSeconds: 0.02 }), take({ waitSeconds: 2.5 })]
    expect(queue.out.waitSeconds).toBe(1)
    expect(await waiting[0]).toBeUndefined()
    queue.out.answer()
    await turn()
    expect(queue.out.waitSeconds).toBe(3)
    queue.out.answer('a')
    expect(await waiting[1]).toBe('a')
  })

  test('that nobody waits for any more serves who comes next', async () => {
    const { queue, take, back } = setup()
    const reason = new Error('gone')
    const stop = new AbortController()
    const left = take({ signal: stop.signal })
    stop.abort(reason)
    await expect(left).rejects.toBe(reason)
    const next = take()
    expect(queue.receives).toHaveLength(1)
    queue.out.answer('a')
    expect(await next).toBe('a')
    expect(back).toEqual([])
  })

  test('that nobody waits for any more gives back what it brings, and does not ask again', async () => {
    const { queue, take, back } = setup()
    const stop = new AbortController()
    const left = take({ signal: stop.signal })
    stop.abort(new Error('gone'))
    await expect(left).rejects.toThrow('gone')
    queue.out.answer('a')
    await turn()
    expect([back, queue.receives.length]).toEqual([['a'], 1])
  })

  test.each([0, 1, 2, 3, 4, 5, 6, 7])(
    'loses nothing to somebody who leaves %i moments after it comes',
    async (moments) => {
      const { queue, take, back } = setup()
      const stop = new AbortController()
      const left = take({ signal: stop.signal }).catch(() => undefined)
      queue.out.answer('a')
      for (let moment = 0; moment < moments; moment += 1) await Promise.resolve()
      stop.abort(new Error('gone'))
      const got = await left
      await turn()
      expect([got, ...back].filter((one) => one !== undefined)).toEqual(['a'])
    },
  )

  test('that fails fails all who wait, and a later one begins anew', async () => {
    const { queue, take } = setup()
    const waiting = Promise.allSettled([take(), take()])
    const reason = new Error('no network')
    queue.out.fail(reason)
    expect(await waiting).toEqual([
      { status: 'rejected', reason },
      { status: 'rejected', reason },
    ])
    const later = take()
    queue.out.answer('a')
    expect(await later).toBe('a')
  })

  test('with waitSeconds 0 looks once, without waiting', async () => {
    const { queue, take } = setup()
    const looking = take({ waitSeconds: 0 })
    expect(queue.out).toMatchObject({ max: 1, waitSeconds: 0 })
    queue.out.answer()
    expect(await looking).toBeUndefined()
  })

  test('closed, tells those who wait, and what it still brings goes back', async () => {
    const { queue, poll, take, back } = setup()
    const waiting = take()
    const closing = poll.close()
    await expect(waiting).rejects.toMatchObject({ code: 'CLOSED' })
    expect(queue.out.stop?.aborted).toBe(true)
    queue.out.answer('a')
    await closing
    expect(back).toEqual(['a'])
    await expect(take()).rejects.toMatchObject({ code: 'CLOSED' })
  })
})
