import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { eventFrom, formatNotification, isOwnObject, parseEvent } from '../../src/protocol/object-event.ts'
import { key, travelled } from './arbitraries.ts'

/** A record as S3 writes it: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
function record(more: Record<string, unknown> = {}, object: Record<string, unknown> = {}): unknown {
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: 'us-west-2',
    eventTime: '1970-01-01T00:00:00.000Z',
    eventName: 'ObjectCreated:Put',
    userIdentity: { principalId: 'AIDAJDPLRKLG7UEXAMPLE' },
    requestParameters: { sourceIPAddress: '127.0.0.1' },
    responseElements: {
      'x-amz-request-id': 'C3D13FE58DE4C810',
      'x-amz-id-2': 'FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG4V5Wp6S7S',
    },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: 'testConfigRule',
      bucket: {
        name: 'amzn-s3-demo-bucket',
        ownerIdentity: { principalId: 'A3NL1KOZZKExample' },
        arn: 'arn:aws:s3:::amzn-s3-demo-bucket',
      },
      object: {
        key: 'red+flower.jpg',
        size: 1024,
        eTag: 'd41d8cd98f00b204e9800998ecf8427e',
        versionId: '096fKKXTRTtl3on89fVO.nfljtsv6qko',
        sequencer: '0055AED6DCD90281E5',
        ...object,
      },
    },
    ...more,
  }
}

const idOf = (one: unknown): unknown => {
  const event = parseEvent(one)
  return event && 'id' in event && event.id
}

describe('an S3 event', () => {
  test('is read as it is documented', () => {
    expect(parseEvent(record())).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{40}$/),
      kind: 'write',
      bucket: 'amzn-s3-demo-bucket',
      key: 'red flower.jpg',
      time: '1970-01-01T00:00:00.000Z',
      requestId: 'C3D13FE58DE4C810',
      size: 1024,
      etag: 'd41d8cd98f00b204e9800998ecf8427e',
      contentType: undefined,
    })
  })

  test.each([
    ['ObjectCreated:Put', 'write'],
    ['ObjectCreated:Post', 'write'],
    ['ObjectCreated:Copy', 'write'],
    ['ObjectCreated:CompleteMultipartUpload', 'write'],
    ['s3:ObjectCreated:Put', 'write'],
    ['ObjectRemoved:Delete', 'delete'],
    ['ObjectRemoved:DeleteMarkerCreated', 'delete'],
  ])('%s is a %s', (eventName, kind) => {
    expect(parseEvent(record({ eventName }))).toMatchObject({ kind })
  })

  test.each([
    'ObjectRestore:Post',
    'ReducedRedundancyLostObject',
    'ObjectTagging:Put',
    'LifecycleExpiration:Delete',
    '',
  ])('%j is none of a write or a deletion', (eventName) => expect(parseEvent(record({ eventName }))).toBeUndefined())

  test.each([
    ['another major version', record({ eventVersion: '3.0' }), 'its `eventVersion` is "3.0", and 2.x is'],
    ['no version', record({ eventVersion: undefined }), 'its `eventVersion` is undefined'],
    ['a version of nonsense', record({ eventVersion: '2' }), 'its `eventVersion` is "2"'],
    ['no name', record({ eventName: 5 }), 'it has no `eventName`'],
    ['no time', record({ eventTime: 'yesterday' }), 'its `eventTime` is "yesterday", which is no time'],
    ['a key that cannot be decoded', record({}, { key: '%E0%A4%A' }), 'key is none that S3 has'],
    ['an empty key', record({}, { key: '' }), 'key is none that S3 has'],
    ['a key that is longer than S3’s', record({}, { key: 'x'.repeat(1025) }), 'key is none that S3 has'],
    ['no object', record({ s3: { bucket: { name: 'b' } } }), 'a record in it is no S3 event'],
    ['no bucket', record({ s3: { object: { key: 'k' } } }), 'a record in it is no S3 event'],
    ['nothing', null, 'a record in it is no S3 event'],
  ])('with %s has a flaw that is named', (_what, one, flaw) => {
    expect(parseEvent(one)).toEqual({ flaw: expect.stringContaining(flaw) })
  })

  test('a later minor version is read', () => {
    expect(parseEvent(record({ eventVersion: '2.77' }))).toMatchObject({ kind: 'write' })
  })

  test('is the same however its sequencer is written, and another with another one, key or bucket', () => {
    const sequencers = ['0055AED6DCD90281E5', '55AED6DCD90281E5', '000000000055aed6dcd90281e5']
    expect(new Set(sequencers.map((sequencer) => idOf(record({}, { sequencer })))).size).toBe(1)
    const others = [
      record(),
      record({}, { sequencer: '0055AED6DCD90281E6' }),
      record({}, { key: 'red%2Bflower.jpg' }),
      record({
        s3: { bucket: { name: 'other-bucket' }, object: { key: 'red+flower.jpg', sequencer: '0055AED6DCD90281E5' } },
      }),
      record({}, { sequencer: undefined }),
      record({ eventTime: '1970-01-01T00:00:00.001Z' }, { sequencer: undefined }),
    ]
    expect(new Set(others.map(idOf)).size).toBe(others.length)
    // What S3 sends a second time differs in nothing else that counts.
    expect(idOf(record({ responseElements: {} }))).toBe(idOf(record()))
    expect(idOf(record({}, { sequencer: undefined }))).toBe(idOf(record({}, { sequencer: undefined })))
  })

  test('has no texts that an environment could not hold', () => {
    const event = parseEvent(
      record(
        { responseElements: { 'x-amz-request-id': 'a\0b' } },
        { eTag: `"${'x'.repeat(300)}"`, size: -1, contentType: 'text/plain\n' },
      ),
    )
    expect(event).toMatchObject({ etag: undefined, size: undefined, contentType: undefined })
    expect(event && 'id' in event && event.requestId === event.id).toBe(true)
    expect(parseEvent(record({}, { eTag: '"abc"' }))).toMatchObject({ etag: 'abc' })
  })

  test('comes through a message’s metadata', () => {
    expect(eventFrom(travelled(parseEvent(record())))).toEqual(parseEvent(record()))
    expect(eventFrom({ id: 'x' })).toBeUndefined()
    expect(eventFrom(null)).toBeUndefined()
  })

  test('of the local backend is one of S3’s, whatever the key', () => {
    fc.assert(
      fc.property(
        fc.oneof(key, fc.constantFrom('a b+c%20d', '+', '%2B', 'é/日本 1.png')),
        fc.constantFrom('write' as const, 'delete' as const),
        (one, kind) => {
          const event = {
            kind,
            bucket: 'bucket',
            key: one,
            time: '2026-11-25T12:00:00.000Z',
            requestId: 'r',
            size: 3,
            contentType: 'text/rtf',
          }
          const body: unknown = JSON.parse(formatNotification(event, '00AB'))
          expect(body).toMatchObject({ Records: [{}] })
          const [first] = Object.values(Object(body)).flat()
          expect(parseEvent(first)).toMatchObject(event)
        },
      ),
    )
  })

  test('of anything at all is an event, nothing, or a flaw in words', () => {
    fc.assert(
      fc.property(fc.anything(), (one) => {
        const event = parseEvent(one)
        if (event && 'flaw' in event) expect(event.flaw).not.toBe('')
        else expect(event).toBeUndefined()
      }),
    )
  })
})

test('objects of the library are its own: in the queue’s bucket below its prefix, and in buckets of its naming', () => {
  const home = { bucket: 'mine', prefix: 'team/' }
  const own = (bucket: string, at: string): boolean => isOwnObject({ bucket, key: at }, home)
  expect(own('mine', 'team/results/x.json')).toBe(true)
  expect(own('mine', 'team/assets/x/1-a/output')).toBe(true)
  expect(own('mine', 'team/photos/x.jpg')).toBe(false)
  expect(own('mine', 'results/x.json')).toBe(false)
  expect(own('other', 'results/x.json')).toBe(false)
  expect(own('remotejobs-thumbs', 'results/x.json')).toBe(true)
  expect(own('remotejobs-thumbs', 'photos/x.jpg')).toBe(false)
})
