import { expect, test } from 'vitest'
import { hasCode } from '../../src/errors.ts'
import { freshDirectory, openDatabase, openPlace } from './setup.ts'

const poll = { max: 1, waitSeconds: 20, leaseSeconds: 30 }

test('every receiver that waits gets one of as many messages', async () => {
  const { pending } = await openPlace(await freshDirectory())
  const waiting = Array.from({ length: 50 }, () => pending.receive(poll))
  await pending.receive({ ...poll, waitSeconds: 0 })
  const began = performance.now()
  await Promise.all(waiting.map((_, index) => pending.send({ body: `${index}` })))
  const bodies = (await Promise.all(waiting)).map(([delivery]) => Number(delivery?.body))
  expect(bodies.toSorted((a, b) => a - b)).toEqual(waiting.map((_, index) => index))
  expect(performance.now() - began).toBeLessThan(5000)
})

test('a receiver that leaves loses no message', async () => {
  const { pending } = await openPlace(await freshDirectory())
  const [leave, end] = [new AbortController(), new AbortController()]
  const leaving = pending.receive({ ...poll, stop: leave.signal })
  const staying = pending.receive({ ...poll, stop: end.signal })
  await pending.receive({ ...poll, waitSeconds: 0 })
  const sending = pending.send({ body: 'one' })
  setImmediate(() => leave.abort())
  await sending
  const taken = await leaving
  if (taken.length > 0) end.abort()
  expect([...taken, ...(await staying)]).toMatchObject([{ body: 'one' }])
})

test('a receiver wakes at the end of a lease or a delay, not at the end of its wait', async () => {
  const { pending } = await openPlace(await freshDirectory())
  await pending.send({ body: 'leased' })
  await pending.receive({ ...poll, leaseSeconds: 1 })
  const began = performance.now()
  expect(await pending.receive(poll)).toMatchObject([{ body: 'leased', receiveCount: 2 }])
  expect(performance.now() - began).toBeLessThan(3000)
  const waiting = pending.receive(poll)
  await pending.send({ body: 'delayed', delaySeconds: 1 })
  expect(await waiting).toMatchObject([{ body: 'delayed' }])
  expect(performance.now() - began).toBeLessThan(6000)
})

test('a lease that is shortened wakes a receiver in time', async () => {
  const { pending } = await openPlace(await freshDirectory())
  await pending.send({ body: 'one' })
  const [held] = await pending.receive({ ...poll, leaseSeconds: 600 })
  const waiting = pending.receive(poll)
  await pending.receive({ ...poll, waitSeconds: 0 })
  await pending.extend(held?.receipt ?? '', 1)
  const began = performance.now()
  expect(await waiting).toMatchObject([{ body: 'one' }])
  expect(performance.now() - began).toBeLessThan(5000)
})

test('messages come in the order in which they became visible', async () => {
  const { pending } = await openPlace(await freshDirectory())
  for (let index = 0; index < 25; index += 1) await pending.send({ body: `${index}` })
  const bodies: number[] = []
  while (bodies.length < 25) {
    const deliveries = await pending.receive({ ...poll, max: 10 })
    bodies.push(...deliveries.map(({ body }) => Number(body)))
  }
  expect(bodies).toEqual(bodies.toSorted((a, b) => a - b))
})

test('a receipt is never good for a message that came later', async () => {
  const { pending } = await openPlace(await freshDirectory())
  await pending.send({ body: 'one' })
  const [one] = await pending.receive(poll)
  await pending.delete(one?.receipt ?? '')
  await pending.send({ body: 'two' })
  const [two] = await pending.receive(poll)
  await pending.delete(one?.receipt ?? '')
  await pending.delete('nonsense')
  await pending.extend(two?.receipt ?? '', 30)
  await expect(pending.extend('nonsense', 30)).rejects.toSatisfy((error) => hasCode(error, 'LEASE_LOST'))
})

test("a holder's old receipt does not touch a message in the dead-letter queue", async () => {
  const opened = await openPlace(await freshDirectory(), { maxReceives: 1 })
  const { pending } = opened
  await pending.send({ body: 'poison' })
  const [held] = await pending.receive(poll)
  await pending.extend(held?.receipt ?? '', 0)
  expect(await pending.receive({ ...poll, waitSeconds: 0 })).toEqual([])
  await pending.delete(held?.receipt ?? '')
  expect(await opened.queue('test-dead').receive(poll)).toMatchObject([{ body: 'poison' }])
})

test.each([
  ['empty', { body: '' }, /not empty/],
  ['with a control character', { body: 'a\u0000b' }, /U\+0000/],
  ['with half a pair', { body: 'a\ud800b' }, /U\+D800/],
  ['with a control character in an attribute', { body: 'a', attributes: { name: '\u001b' } }, /U\+001B/],
  ['too large with its attributes', { body: 'a'.repeat(1_048_570), attributes: { n: 'v' } }, /1048576 bytes/],
  [
    'with eleven attributes',
    { body: 'a', attributes: Object.fromEntries('abcdefghijk'.split('').map((name) => [name, 'v'])) },
    /10 attributes, got 11/,
  ],
])('a message %s is refused as SQS would', async (_, message, expected) => {
  const { pending } = await openPlace(await freshDirectory())
  const sending = pending.send(message)
  await expect(sending).rejects.toSatisfy((error) => hasCode(error, 'INVALID_ARGUMENT'))
  await expect(sending).rejects.toThrow(expected)
})

test('a hundred thousand messages that wait or are leased slow nobody down', async () => {
  const places = { few: await queueOf(1000), many: await queueOf(200_000) }
  const times: Record<keyof typeof places, number[]> = { few: [], many: [] }
  for (let round = 0; round < 100; round += 1) {
    for (const name of ['few', 'many'] as const) {
      const began = performance.now()
      const deliveries = await places[name].receive({ ...poll, max: 5 })
      expect(deliveries).toHaveLength(5)
      await places[name].delete(deliveries[0]?.receipt ?? '')
      times[name].push(performance.now() - began)
    }
  }
  // A walk over the waiting ones would take some 50 times as long.
  expect(median(times.many)).toBeLessThan(10 * median(times.few))
})

/** A queue in which every second message waits for an hour, and the others are there. */
async function queueOf(count: number) {
  const directory = await freshDirectory()
  const { pending } = await openPlace(directory)
  openDatabase(directory).exec(`
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
    INSERT INTO messages (id, queue, body, attributes, sent_at, visible_at, receive_count)
    SELECT 'id-' || i, 'test-pending', 'body', '{}', unixepoch() * 1000,
      unixepoch() * 1000 + iif(i % 2, 3600000, -1000), 0 FROM n`)
  return pending
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0
}
