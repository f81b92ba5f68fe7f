import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { Queue } from '../../../src/index.ts'
import { localBackend } from '../../../src/local.ts'
import { isId } from '../../../src/protocol/id.ts'
import { parseEventJobId } from '../../../src/runs/events/event-jobs.ts'
import { readNotification } from '../../../src/runs/events/read-notification.ts'
import { subscriptionFrom } from '../../../src/runs/events/subscription.ts'
import { source } from '../../../src/worker.ts'
import { freshDirectory } from '../../local/setup.ts'
import { jsonValue } from '../../protocol/arbitraries.ts'
import { record } from './setup.ts'

/** What a notification's record may look like, whole or with anything in the place of a part. */
const anyRecord = fc.oneof(
  jsonValue,
  fc
    .record(
      {
        eventVersion: fc.constantFrom('2.1', '2.0', '3.0', 2),
        eventName: fc.oneof(fc.constantFrom('ObjectCreated:Put', 's3:ObjectRemoved:Delete', 'x'), jsonValue),
        eventTime: fc.oneof(fc.constant('2026-11-25T20:10:37.631Z'), jsonValue),
        responseElements: jsonValue,
        s3: fc.oneof(jsonValue, fc.constant({ bucket: { name: 'watched' }, object: { key: 'a', size: -1, eTag: 5 } })),
      },
      { requiredKeys: [] },
    )
    .map((more) => ({ ...record('watched'), ...more })),
)

test('any notification is read as jobs of watched buckets, as nothing, or as a flaw in words; nothing throws', async () => {
  const queue = new Queue('runs', { backend: localBackend({ directory: await freshDirectory(), fsync: false }) })
  onTestFinished(() => queue.close())
  const w = await queue[source].open()
  const subscription = subscriptionFrom({ name: 'all', bucket: 'watched', destination: 'job' })
  const delivery = { messageId: 'm', receipt: 'r', attributes: {}, receiveCount: 1, sentAt: new Date() }
  let jobs = 0
  await fc.assert(
    fc.asyncProperty(fc.array(anyRecord, { maxLength: 3 }), async (records) => {
      const body = JSON.stringify({ Records: records })
      const reading = await readNotification(w, { ...delivery, body }, async () => [subscription])
      expect(['several', 'nothing', 'malformed']).toContain(reading?.kind)
      if (reading?.kind === 'malformed') expect(reading.reason).toMatch(/^The message cannot be read as a job: \S/)
      for (const { id, metadata } of reading?.kind === 'several' ? reading.messages : []) {
        jobs += 1
        expect(isId(id)).toBe(true)
        expect(parseEventJobId(id)?.subscription).toBe('all')
        expect(metadata).toMatchObject({ event: { bucket: 'watched' } })
      }
    }),
    { numRuns: 300 },
  )
  expect(jobs).toBeGreaterThan(0)
})

test('what is no notification is left to be read as what it is, and one that cannot be handled now comes again', async () => {
  const queue = new Queue('runs', { backend: localBackend({ directory: await freshDirectory(), fsync: false }) })
  onTestFinished(() => queue.close())
  const opened = await queue[source].open()
  const told: unknown[] = []
  const w = { ...opened, report: (error: unknown) => void told.push(error) }
  const delivery = { messageId: 'm', receipt: 'r', attributes: { base: '3' }, receiveCount: 1, sentAt: new Date() }
  const read = (body: string) =>
    readNotification(w, { ...delivery, body }, () => Promise.reject(new Error('no subscriptions can be read')))
  for (const body of [
    '{"v":1,"id":"Records","metadata":{"Records":[]}}',
    'null',
    '{"Records":5}',
    '{"v":9,"Records":[]}',
  ])
    expect(await read(body)).toBeUndefined()
  expect(told).toEqual([])
  expect(await read(JSON.stringify({ Records: [record('watched')] }))).toEqual({ kind: 'later', base: 3 })
  expect(told).toEqual([new Error('no subscriptions can be read')])
})
