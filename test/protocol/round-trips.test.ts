import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { historyKey, historyStates, parseHistoryKey, unfinishedStarts } from '../../src/protocol/history.ts'
import { isJsonObject, parseJson } from '../../src/protocol/json.ts'
import { formatLive, parseLive } from '../../src/protocol/live.ts'
import { formatMessage, type JobMessage, parseMessage } from '../../src/protocol/message.ts'
import { formatNote, parseNote } from '../../src/protocol/note.ts'
import { finalStatuses, formatRecord, parseRecord, type ResultRecord } from '../../src/protocol/record.ts'
import { formatRequest, type JobRequest, parseRequest } from '../../src/protocol/request.ts'
import { id, jsonObject, jsonValue, key, optional, time, travelled } from './arbitraries.ts'

const text = fc.string({ unit: 'binary' })
const count = fc.integer({ min: 1, max: 1000 })
const nonce = fc.stringMatching(/^[0-9a-f]{16}(-[1-9])?$/)

const pointer = fc.record({ key, etag: text, size: fc.nat() })
const request: fc.Arbitrary<JobRequest> = fc.record({
  metadata: jsonObject,
  filename: optional(text),
  contentType: optional(text),
  status: optional(text),
  attempts: count,
  timeoutSeconds: optional(count),
  group: optional(text),
  submittedAt: time,
  notBefore: optional(time),
  expiresAt: optional(time),
  hash: text,
  pointer: optional(pointer),
})

const place = fc.oneof(fc.record({ inline: fc.base64String() }), fc.record({ key, etag: text }))
const asset = fc
  .tuple(fc.record({ name: text, size: fc.nat(), filename: optional(text), contentType: optional(text) }), place)
  .map(([said, where]) => ({ ...said, ...where }))
const record: fc.Arbitrary<ResultRecord> = fc.record({
  v: fc.constant(1 as const),
  id,
  status: fc.constantFrom(...finalStatuses),
  attempt: fc.nat(),
  nonce,
  requestHash: optional(text),
  submittedAt: optional(time),
  startedAt: optional(time),
  finishedAt: time,
  error: optional(fc.record({ name: text, message: text, code: optional(text), stack: optional(text) })),
  value: optional(jsonValue),
  assets: fc.array(asset, { maxLength: 4 }),
})

const message: fc.Arbitrary<JobMessage> = fc
  .record({
    v: fc.constant(1 as const),
    id,
    key: optional(key),
    etag: optional(text),
    size: optional(fc.nat()),
    metadata: jsonObject,
    filename: optional(text),
    contentType: optional(text),
    attempts: optional(count),
    timeoutSeconds: optional(count),
    group: optional(text),
    submittedAt: optional(time),
    expiresAt: optional(time),
    hash: optional(text),
    finished: optional(
      fc.record({ status: fc.constantFrom(...finalStatuses), attempt: fc.nat(), record: optional(record) }),
    ),
  })
  .chain((plain) =>
    optional(nonce).map((spill) => ({
      ...plain,
      spilled: spill === undefined ? undefined : `metadata/${plain.id}.${spill}.json`,
    })),
  )

const parsedObject = (json: string) => {
  const value = parseJson(json)
  if (!isJsonObject(value)) throw new Error('not an object')
  return value
}

describe('what is written is read again as it was', () => {
  test('requests', () => {
    fc.assert(
      fc.property(request, (given) => {
        expect(parseRequest(parseJson(formatRequest(given)))).toEqual(travelled(given))
      }),
    )
  })

  test('records', () => {
    fc.assert(
      fc.property(record, (given) => {
        expect(parseRecord(parseJson(formatRecord(given)))).toEqual(travelled(given))
      }),
    )
  })

  test('messages, in characters that SQS takes', () => {
    fc.assert(
      fc.property(message, (given) => {
        const json = formatMessage(given)
        expect(json).toMatch(/^[\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u)
        expect(parseMessage(parsedObject(json))).toEqual(travelled(given))
      }),
    )
  })

  test('signs of life', () => {
    const live = fc.record({
      v: fc.constant(1 as const),
      attempt: count,
      nonce,
      startedAt: time,
      leaseSeconds: count,
      progress: optional(jsonValue),
    })
    fc.assert(
      fc.property(live, (given) => {
        expect(parseLive(parseJson(formatLive(given)))).toEqual(travelled(given))
      }),
    )
  })

  test('notes, in characters that a header takes', () => {
    fc.assert(
      fc.property(jsonObject, (given) => {
        const note = formatNote(JSON.stringify(given))
        expect(note).toMatch(/^[\x21-\x7e]*$/)
        expect(parseNote(note)).toEqual(travelled(given))
      }),
    )
  })

  test('history keys', () => {
    const entry = fc.record({
      delivery: fc.integer({ min: 1, max: 9_999_999 }),
      state: fc.constantFrom(...historyStates),
      nonce,
    })
    fc.assert(
      fc.property(id, entry, (of, given) => {
        expect(parseHistoryKey(of, historyKey(of, given))).toEqual(given)
      }),
    )
  })
})

describe('what was written by nobody is nothing, and never an error', () => {
  const anything = fc.oneof(jsonValue, message.map(travelled), record.map(travelled), request.map(travelled))

  /** The same with one member replaced, or taken away. */
  const damaged = fc.tuple(anything, fc.nat(), optional(jsonValue)).map(([value, at, other]) => {
    if (!isJsonObject(value)) return value
    const names = Object.keys(value)
    return { ...value, [names[at % Math.max(1, names.length)] ?? 'v']: other }
  })

  test('for any JSON', () => {
    fc.assert(
      fc.property(damaged, (value) => {
        const object = isJsonObject(value) ? value : {}
        const read = parseMessage(object)
        expect('flaw' in read ? typeof read.flaw : read.id).toBeTypeOf('string')
        for (const parsed of [parseRecord(value), parseRequest(value), parseLive(value)])
          expect(parsed === undefined || typeof parsed === 'object').toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  test('for any text', () => {
    fc.assert(
      fc.property(fc.oneof(text, fc.constantFrom('%', '%E0%A4%A', 'null', '1', '%22x%22')), (note) => {
        expect(parseNote(note)).toBeUndefined()
        expect(parseHistoryKey('x', `history/x/${note}`)).toBeUndefined()
      }),
    )
    expect(parseNote(undefined)).toBeUndefined()
  })

  test('a record’s asset leads nowhere outside', () => {
    const of = (asset: object) =>
      parseRecord({
        v: 1,
        id: 'x',
        status: 'completed',
        attempt: 1,
        nonce: 'n',
        finishedAt: 1,
        assets: [{ name: 'a', size: 1, ...asset }],
      })
    expect(of({ key: 'assets/x/1-n/a', etag: 'e' })).toBeDefined()
    for (const wrong of [
      { key: '../x', etag: 'e' },
      { key: 'a/../b', etag: 'e' },
      { key: '/x', etag: 'e' },
      { key: 'a' },
      {},
      { inline: 5 },
    ])
      expect(of(wrong)).toBeUndefined()
  })
})

describe('a job’s history', () => {
  test('counts the starts that nothing followed', () => {
    const entries = [
      { delivery: 2, state: 'started', nonce: 'a' },
      { delivery: 2, state: 'failed', nonce: 'a' },
      { delivery: 3, state: 'started', nonce: 'b' },
      { delivery: 4, state: 'started', nonce: 'c' },
      { delivery: 4, state: 'released', nonce: 'c' },
      { delivery: 1, state: 'released', nonce: 'd' },
    ] as const
    expect(unfinishedStarts(entries)).toBe(1)
    expect(unfinishedStarts([])).toBe(0)
  })

  test('is in the order of its deliveries when listed', () => {
    const keys = [1, 2, 10, 999, 100_000].map((delivery) => historyKey('x', { delivery, state: 'started', nonce: 'a' }))
    expect(keys.toSorted()).toEqual(keys)
  })
})
