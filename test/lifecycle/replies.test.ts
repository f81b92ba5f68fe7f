import { describe, expect, test } from 'vitest'
import type { MessageQueue } from '../../src/backend.ts'
import { RemoteJobError } from '../../src/errors.ts'
import { Replies } from '../../src/lifecycle/replies.ts'

/** Ways back, and what was asked of the backend for them. */
function setup(refusal?: RemoteJobError) {
  const bound: string[] = []
  const sent: string[] = []
  const queue = (name: string): MessageQueue => {
    bound.push(name)
    return {
      send: async () => {
        sent.push(name)
        if (refusal) throw refusal
      },
      receive: async () => [],
      delete: async () => {},
      extend: async () => {},
    }
  }
  return { replies: new Replies({ queue, removeQueue: async () => {} }), bound, sent }
}

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `thumbs-reply-${index}`)

describe('the reply queues that a worker keeps at hand', () => {
  test('are bound once, so that what is sent to one shares requests', async () => {
    const { replies, bound } = setup()
    for (const name of [...names(3), ...names(3)]) await replies.send(name, 'done')
    expect(bound).toEqual(names(3))
  })

  test('are 200; the one that was used longest ago is let go', async () => {
    const { replies, bound } = setup()
    const [first = '', second = ''] = names(2)
    for (const name of names(200)) await replies.send(name, 'done')
    await replies.send(first, 'done')
    await replies.send('thumbs-reply-one-more', 'done')
    await replies.send(first, 'done')
    expect(bound).toHaveLength(201)
    await replies.send(second, 'done')
    expect(bound.slice(201)).toEqual([second])
  })
})

describe('a reply queue', () => {
  test('that is gone is tried once, and is no error', async () => {
    const { replies, sent } = setup(new RemoteJobError('NOT_FOUND', 'gone'))
    for (let times = 0; times < 3; times += 1) await replies.send('thumbs-reply-0', 'done')
    expect(sent).toEqual(['thumbs-reply-0'])
  })

  test('that may not be sent to is told of once a minute, not for every job', async () => {
    const { replies, sent } = setup(new RemoteJobError('ACCESS_DENIED', 'sqs:SendMessage'))
    await expect(replies.send('thumbs-reply-0', 'done')).rejects.toThrow('sqs:SendMessage')
    await replies.send('thumbs-reply-0', 'done')
    expect(sent).toHaveLength(1)
  })

  test('that cannot be reached now is tried again with the next job', async () => {
    const { replies, sent } = setup(new RemoteJobError('UNAVAILABLE', 'no network'))
    for (let times = 0; times < 2; times += 1)
      await expect(replies.send('thumbs-reply-0', 'done')).rejects.toThrow('no network')
    expect(sent).toHaveLength(2)
  })
})
