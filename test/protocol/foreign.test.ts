import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Delivery } from '../../src/backend.ts'
import { readDelivery } from '../../src/protocol/delivery.ts'
import { isKey, isOwnKey } from '../../src/protocol/keys.ts'
import { jsonObject, key } from './arbitraries.ts'

const home = { bucket: 'remotejobs-thumbs', prefix: 'team/' }

function delivery(body: unknown, attributes: Record<string, string> = {}): Delivery {
  return {
    messageId: 'f47ac10b-58cc-4372-a567-0e02b2c3d479',
    receipt: 'r',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    attributes,
    receiveCount: 1,
    sentAt: new Date(),
  }
}

/** A key as S3 writes it into an event. */
const encoded = (text: string): string => encodeURIComponent(text).replaceAll('%20', '+').replaceAll('%2F', '/')

const event = (at: string, bucket = home.bucket, sequencer = '00') => ({
  eventName: 'ObjectCreated:Put',
  s3: { bucket: { name: bucket }, object: { key: encoded(at), sequencer } },
})

describe('what a delivery turns out to be', () => {
  test('anything at all is read, and leads nowhere outside the prefix', () => {
    const member = fc.dictionary(
      fc.constantFrom('v', 'id', 'key', 'bucket', 'metadata', 'spilled', 'finished', 'Records', 's3', 'object', 'name'),
      fc.oneof(fc.constantFrom<unknown>(1, 'x', '../x', home.bucket, 'team/x', 'team/../x', null), jsonObject),
      { maxKeys: 6 },
    )
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), member, fc.record({ Records: fc.array(fc.record({ s3: member })) })),
        (body) => {
          const reading = readDelivery(delivery(body), home)
          const messages =
            reading.kind === 'job' ? [reading.message] : reading.kind === 'several' ? reading.messages : []
          for (const message of messages) expect(message.key === undefined || isKey(message.key)).toBe(true)
          if (reading.kind === 'malformed') expect(reading.reason).toMatch(/^The message cannot be read as a job: /)
        },
      ),
      { numRuns: 500 },
    )
  })

  test('an S3 event’s key is decoded as S3 encoded it', () => {
    fc.assert(
      fc.property(
        key.filter((one) => !isOwnKey(one)),
        (one) => {
          expect(readDelivery(delivery({ Records: [event(`team/${one}`)] }), home)).toMatchObject({
            kind: 'job',
            message: { key: one, filename: one.split('/').at(-1) },
          })
        },
      ),
    )
  })

  test('an event is one job however often it comes; another write of the object is another', () => {
    const idOf = (sequencer: string, name = 'a'): unknown => {
      const reading = readDelivery(delivery({ Records: [event(`team/${name}`, home.bucket, sequencer)] }), home)
      return reading.kind === 'job' && reading.message.id
    }
    expect(idOf('01')).toBe(idOf('01'))
    expect(new Set([idOf('01'), idOf('02'), idOf('01', 'b')]).size).toBe(3)
    expect(idOf('01')).toMatch(/^s3-[0-9a-f]{40}$/)
  })

  test('remotejob 2’s job has the message’s id and all its metadata, whatever its names', () => {
    fc.assert(
      fc.property(jsonObject, ({ v: _v, Records: _records, Event: _event, ...metadata }) => {
        const reading = readDelivery(delivery({ ...metadata, bucket: home.bucket, key: 'team/x' }), home)
        const { bucket: _bucket, key: _key, ...rest } = metadata
        expect(reading).toMatchObject({
          kind: 'job',
          message: { id: 'f47ac10b-58cc-4372-a567-0e02b2c3d479', key: 'x' },
        })
        expect(reading.kind === 'job' && reading.message.metadata).toEqual(JSON.parse(JSON.stringify(rest)))
      }),
    )
  })

  test('attributes win over the body: the id and the count of a message that was sent again', () => {
    const body = { v: 1, id: 'x', metadata: {} }
    expect(readDelivery(delivery(body), home)).toMatchObject({
      kind: 'job',
      base: 0,
      owner: undefined,
      isReplacement: false,
      isResent: false,
      message: { id: 'x' },
    })
    expect(readDelivery(delivery(body, { id: 'y', base: '8' }), home)).toMatchObject({
      kind: 'job',
      base: 8,
      owner: undefined,
      isReplacement: true,
      isResent: false,
      message: { id: 'y' },
    })
    expect(readDelivery(delivery(body, { base: '8', owner: '81e18c5855058398' }), home)).toMatchObject({
      base: 8,
      owner: '81e18c5855058398',
      isReplacement: true,
    })
    expect(readDelivery(delivery(body, { again: 'reap' }), home)).toMatchObject({ isReplacement: true, isResent: true })
    for (const owner of ['', '../../x', 'a/b', 'x'.repeat(65), 'é'])
      expect(readDelivery(delivery(body, { base: '8', owner }), home)).toMatchObject({ owner: undefined })
    for (const base of ['-1', '1.5', '1e9', 'x', '', '99999999999'])
      expect(readDelivery(delivery(body, { base }), home)).toMatchObject({ base: 0 })
    expect(readDelivery(delivery(body, { id: '../y' }), home)).toMatchObject({ message: { id: 'x' } })
  })

  test.each([2, 99, Number.MAX_SAFE_INTEGER])('version %i is newer, whatever else it says', (v) => {
    expect(readDelivery(delivery({ v, bucket: 'other', key: '/x', Records: 5 }), home)).toMatchObject({ kind: 'later' })
  })
})
