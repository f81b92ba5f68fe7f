import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, describe, test } from 'vitest'
import { body, large, above2KB, above48KiB, small, useCosts } from './cost-setup.ts'

/**
 * What a job costs, request by request, as the servers see them. What the protocol counts as a tenth is a whole request here, where
 * each job goes alone.
 */

const { setup, emulator } = useCosts()
const total = (life: Record<string, string[]>): number => Object.values(life).flat().length

describe("records: 'all'", () => {
  const life = {
    submit: ['PutObject inputs', 'SendMessage pending'],
    start: ['ReceiveMessage pending', 'GetObject results'],
    end: ['PutObject results', 'SendMessage completed', 'DeleteMessage pending'],
  }
  const withSubmit = (submit: string[]) => ({ ...life, submit })

  test.each([
    ['with a body', { body }],
    ['of metadata alone', { n: 1 }],
  ])('a job %s costs 7 requests: put, send; receive, get; put, send, delete', async (_, data) => {
    const { lifeOf } = await setup()
    expect(await lifeOf(data)).toEqual(life)
    expect(total(life)).toBe(7)
  })

  test('assets of 64 KiB ride in the result, one byte more is one put more', async () => {
    const { lifeOf } = await setup()
    expect(await lifeOf({ body }, {}, { body: small })).toEqual(life)
    const end = ['PutObject assets', ...life.end]
    expect(await lifeOf({ body }, {}, { body: large })).toEqual({ ...life, end })
  })

  test('a job that fails costs the same', async () => {
    const { queue, requestsOf } = await setup()
    await queue.submit({ body })
    const job = await queue.next()
    const end = ['PutObject results', 'SendMessage failed', 'DeleteMessage pending']
    expect(await requestsOf(() => job.fail(new Error('no')))).toEqual(end)
  })

  test('metadata above 2 KB is one put more; above 48 KiB it is also read, with one get', async () => {
    const { lifeOf } = await setup()
    const submit = ['PutObject metadata', ...life.submit]
    expect(await lifeOf({ above2KB, body })).toEqual(withSubmit(submit))
    const start = ['ReceiveMessage pending', 'GetObject metadata', 'GetObject results']
    expect(await lifeOf({ above48KiB, body })).toEqual({ ...life, submit, start })
  })

  test('an id of the caller’s own is one get more, for a result that may be there; with a body two requests more: a put too', async () => {
    const { lifeOf } = await setup()
    const submit = ['PutObject inputs', 'GetObject results', 'SendMessage pending']
    expect(await lifeOf({ n: 1 }, { id: 'bare' })).toEqual(withSubmit(submit))
    expect(await lifeOf({ body }, { id: 'with-body' })).toEqual(withSubmit(['PutObject stored', ...submit]))
  })

  test('whoever asks second for an id of its own looks at what stands, takes its body back, and sends too', async () => {
    const { queue, requestsOf } = await setup()
    await queue.submit({ n: 1, body }, { id: 'mine' })
    expect(await requestsOf(() => queue.submit({ n: 1, body }, { id: 'mine' }))).toEqual([
      'PutObject stored',
      'PutObject inputs',
      'HeadObject inputs',
      'HeadObject stored',
      'DeleteObject stored',
      'GetObject results',
      'SendMessage pending',
    ])
  })

  test('whoever asks for an id whose job has ended is told of it without a message', async () => {
    const { queue, requestsOf } = await setup()
    await queue.submit({ n: 1 }, { id: 'mine' })
    await (await queue.next()).complete()
    expect(await requestsOf(() => queue.submit({ n: 1 }, { id: 'mine' }))).toEqual([
      'PutObject inputs',
      'HeadObject inputs',
      'GetObject results',
    ])
  })

  test('a body under a key of the caller’s own is one put more', async () => {
    const { lifeOf } = await setup()
    const submit = ['PutObject my', 'PutObject inputs', 'SendMessage pending']
    expect(await lifeOf({ key: 'my/key', body })).toEqual(withSubmit(submit))
  })

  test('a trigger costs one head more than a submit', async () => {
    const { queue, requestsOf } = await setup()
    const key = await queue.store({ n: 1, body })
    const trigger = ['HeadObject stored', 'PutObject inputs', 'SendMessage pending']
    expect(await requestsOf(() => queue.trigger('pending', key))).toEqual(trigger)
  })

  test('a redelivery costs one list and one put more', async () => {
    const { queue, requestsOf } = await setup()
    await queue.submit({ body })
    const given = ['PutObject history', 'ChangeMessageVisibility pending']
    const job = await queue.next()
    expect(await requestsOf(() => job.release())).toEqual(given)
    expect(await requestsOf(() => queue.next())).toEqual([
      'ReceiveMessage pending',
      'GetObject results',
      'ListObjectsV2',
      'PutObject history',
    ])
  })

  test('a message that comes back after the end costs its announcement and its delete, and what is looked for next', async () => {
    const { queue, requestsOf } = await setup()
    for (const _ of ['once', 'again']) await queue.submit({ n: 1 }, { id: 'mine' })
    await (await queue.next()).complete()
    expect(await requestsOf(() => queue.next('pending', { waitSeconds: 0 }))).toEqual([
      'ReceiveMessage pending',
      'GetObject results',
      'SendMessage completed',
      'DeleteMessage pending',
      'ReceiveMessage pending',
    ])
  })

  test('early acknowledge costs two puts more: the claim and its history', async () => {
    const { queue, requestsOf } = await setup()
    await queue.submit({ n: 1 })
    const job = await queue.next()
    const acknowledge = ['PutObject claims', 'PutObject history', 'DeleteMessage pending']
    expect(await requestsOf(() => job.acknowledge())).toEqual(acknowledge)
    expect(await requestsOf(() => job.complete())).toEqual(['PutObject results', 'SendMessage completed'])
  })

  test('progress is one put each time', async () => {
    const { queue, requestsOf } = await setup()
    await queue.submit({ n: 1 })
    const job = await queue.next()
    expect(await requestsOf(() => job.progress(0.5))).toEqual(['PutObject live'])
  })

  test('a heartbeat renews the lease, looks with two gets, and signs with one put', async () => {
    const { queue, requestsOf } = await setup({ leaseSeconds: 3 })
    await queue.submit({ n: 1 })
    const job = await queue.next()
    const requests = await requestsOf(async () => {
      const holding = job.hold()
      await emulator().until('PutObject', 1)
      await holding[Symbol.asyncDispose]()
    })
    const look = ['GetObject live', 'GetObject results']
    expect([requests[0], ...requests.slice(1, 3).toSorted(), ...requests.slice(3)]).toEqual([
      'ChangeMessageVisibility pending',
      ...look,
      'PutObject live',
    ])
  })
})

describe('a job that outlasts its message', () => {
  test('costs a send, a put and a delete; each look at it that of a receive, two gets, a send and a delete', async () => {
    const { queue, requestsOf, open } = await setup({ leaseSeconds: 3, attempts: 1 })
    const { id } = await queue.submit({ n: 1 })
    // After so many receives a message that is held is replaced at the next heartbeat.
    for (let receives = 1; receives < 8; receives += 1) await (await queue.next()).release({ counted: false })
    const job = await queue.next()
    const heartbeat = await requestsOf(async () => {
      const holding = job.hold()
      await emulator().until('DeleteMessage', 1)
      await holding[Symbol.asyncDispose]()
    })
    expect(heartbeat.slice(3)).toEqual([
      'PutObject live',
      'SendMessage pending',
      'PutObject history',
      'DeleteMessage pending',
    ])
    const sign = await open().objects.get(`live/${id}.json`)
    const { nonce } = JSON.parse(await text(sign?.body ?? Readable.from([]))) as { nonce: string }
    const attributes = { id, base: '8', owner: nonce }
    await open()
      .queue(`${queue.name}-pending`)
      .send({ body: JSON.stringify({ v: 1, id, metadata: { n: 1 } }), attributes })
    expect(await requestsOf(() => queue.next('pending', { waitSeconds: 0 }))).toEqual([
      'ReceiveMessage pending',
      'GetObject results',
      'GetObject live',
      'SendMessage pending',
      'DeleteMessage pending',
      'ReceiveMessage pending',
    ])
    await job.complete()
  })
})

describe("records: 'results'", () => {
  const life = {
    submit: ['SendMessage pending'],
    start: ['ReceiveMessage pending'],
    end: ['PutObject results', 'SendMessage completed', 'DeleteMessage pending'],
  }

  test('a job of metadata alone costs 5 requests: send; receive; put, send, delete', async () => {
    const { lifeOf } = await setup({ records: 'results' })
    expect(await lifeOf({ n: 1 })).toEqual(life)
    expect(await lifeOf({ above2KB })).toEqual(life)
    expect(total(life)).toBe(5)
  })

  test('a body is one put more, metadata above 48 KiB a put and a get', async () => {
    const { lifeOf } = await setup({ records: 'results' })
    expect(await lifeOf({ body })).toEqual({ ...life, submit: ['PutObject inputs', 'SendMessage pending'] })
    expect(await lifeOf({ above48KiB })).toEqual({
      ...life,
      submit: ['PutObject metadata', 'SendMessage pending'],
      start: ['ReceiveMessage pending', 'GetObject metadata'],
    })
  })

  test('a trigger costs a head and a send', async () => {
    const { queue, requestsOf } = await setup({ records: 'results' })
    const key = await queue.store({ n: 1, body })
    const trigger = ['HeadObject stored', 'SendMessage pending']
    expect(await requestsOf(() => queue.trigger('pending', key))).toEqual(trigger)
  })

  test('an id of the caller’s own is written down, and looked for among the results', async () => {
    const { lifeOf } = await setup({ records: 'results' })
    const submit = ['PutObject inputs', 'GetObject results', 'SendMessage pending']
    expect(await lifeOf({ n: 1 }, { id: 'mine' })).toEqual({ ...life, submit })
  })

  test('a redelivery looks whether there is a result, and costs one list and one put more', async () => {
    const { queue, requestsOf } = await setup({ records: 'results' })
    await queue.submit({ n: 1 })
    await (await queue.next()).release()
    expect(await requestsOf(() => queue.next())).toEqual([
      'ReceiveMessage pending',
      'GetObject results',
      'ListObjectsV2',
      'PutObject history',
    ])
  })
})

describe("records: 'none'", () => {
  const life = {
    submit: ['SendMessage pending'],
    start: ['ReceiveMessage pending'],
    end: ['SendMessage completed', 'DeleteMessage pending'],
  }

  test('a job of metadata alone costs 4 requests: send; receive; send, delete', async () => {
    const { lifeOf } = await setup({ records: 'none' })
    expect(await lifeOf({ n: 1 })).toEqual(life)
    expect(await lifeOf({ n: 1 }, {}, { body: small })).toEqual(life)
    expect(total(life)).toBe(4)
  })

  test('a body is one put more, a large asset one put more', async () => {
    const { lifeOf } = await setup({ records: 'none' })
    const submit = ['PutObject inputs', 'SendMessage pending']
    const end = ['PutObject assets', 'SendMessage completed', 'DeleteMessage pending']
    expect(await lifeOf({ body }, {}, { body: large })).toEqual({ ...life, submit, end })
  })
})
