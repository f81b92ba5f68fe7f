import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  assetsPrefix,
  checkKey,
  checkRemoveKey,
  checkStoreKey,
  claimKey,
  historyPrefix,
  inputKey,
  isKey,
  isOwnKey,
  liveKey,
  metadataKey,
  resultKey,
  storedKey,
} from '../../src/protocol/keys.ts'
import {
  bucketName,
  checkBucketName,
  checkQueueName,
  checkStatuses,
  deadLetterQueueName,
  show,
  statusQueueName,
} from '../../src/protocol/names.ts'
import { id, key } from './arbitraries.ts'

describe('keys', () => {
  test('that S3, a URL and a listing leave as they are', () => {
    fc.assert(
      fc.property(key, (one) => {
        expect(isKey(one)).toBe(true)
        expect(() => checkKey(one)).not.toThrow()
        const path = `/bucket/prefix/${one.split('/').map(encodeURIComponent).join('/')}`
        expect(new URL(path, 'http://host').pathname).toBe(path)
      }),
    )
  })

  test.each([
    '',
    '/',
    '/x',
    '.',
    '..',
    'a/.',
    './a',
    'a/../b',
    'a\tb',
    'a\u0000',
    '\u007f',
    '\u0085',
    '\ud800',
    'a\udc00',
    '\uffff',
    'x'.repeat(897),
    'é'.repeat(449),
    5,
    null,
    undefined,
    ['x'],
  ])('%j is none', (one) => {
    expect(isKey(one)).toBe(false)
    expect(() => checkKey(one)).toThrow("Expected `key` to be an object's key: ")
  })

  test.each([
    'x'.repeat(896),
    'é'.repeat(448),
    '...',
    '.a',
    'a..b',
    'a/..b',
    'a//b',
    'a/',
    ' ',
    '%2e%2e/x',
    '+',
    '\\',
    'a\u00a0b',
    '😀',
  ])('%j is one', (one) => {
    expect(isKey(one)).toBe(true)
  })

  test('that the library writes are its own, each below a prefix of its own, and keys all the same', () => {
    fc.assert(
      fc.property(id, id, (one, other) => {
        const written = [
          inputKey(one),
          resultKey(one),
          liveKey(one),
          claimKey(one),
          metadataKey(one, 'n'),
          `${historyPrefix(one)}x`,
          `${assetsPrefix(one, 1, 'n')}output`,
          storedKey(one),
        ]
        for (const at of written) {
          expect([isKey(at), isOwnKey(at)]).toEqual([true, true])
          expect(() => checkStoreKey(at)).toThrow("the library's own")
        }
        expect(new Set(written).size).toBe(written.length)
        if (one !== other)
          expect([resultKey(other), inputKey(other), liveKey(other)].some((at) => written.includes(at))).toBe(false)
      }),
    )
  })

  test('of one job’s history and assets are never another’s, whatever their ids begin with', () => {
    fc.assert(
      fc.property(id, id, (one, other) => {
        fc.pre(one !== other)
        expect(`${historyPrefix(other)}x`.startsWith(historyPrefix(one))).toBe(false)
        expect(`${assetsPrefix(other, 1, 'n')}x`.startsWith(assetsPrefix(one, 1, 'n'))).toBe(false)
      }),
    )
  })

  test('that users may remove: their own, inputs, assets and stored bodies', () => {
    for (const at of ['x', 'inputs/x', 'assets/x/1-n/a', 'stored/x']) expect(() => checkRemoveKey(at)).not.toThrow()
    for (const at of [
      'results/x.json',
      'history/x/1',
      'claims/x',
      'live/x.json',
      'metadata/x.n.json',
      'runs/x',
      'timers/1/x',
      '../x',
    ])
      expect(() => checkRemoveKey(at)).toThrow()
  })
})

describe('names', () => {
  test('of buckets and queues are remotejob 2’s', () => {
    expect([bucketName('thumbs'), statusQueueName('thumbs', 'pending'), deadLetterQueueName('thumbs')]).toEqual([
      'remotejobs-thumbs',
      'thumbs-pending',
      'thumbs-dead',
    ])
  })

  test('of queues that are let through are what S3 and SQS take', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'b', 'Z', '0', '9', '-', '_', '.', ' ', 'é', '/') }),
        (name) => {
          try {
            checkQueueName(name, undefined)
            checkStatuses(name, ['pending', 'completed', 'failed'])
          } catch (error) {
            expect(error).toMatchObject({ code: 'INVALID_ARGUMENT' })
            return
          }
          expect(bucketName(name)).toMatch(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/)
          for (const queue of [statusQueueName(name, 'completed'), deadLetterQueueName(name)])
            expect(queue).toMatch(/^[A-Za-z0-9_-]{1,80}$/)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('of buckets', () => {
    for (const name of ['abc', 'my.bucket', '1a2', 'x'.repeat(63)]) expect(() => checkBucketName(name)).not.toThrow()
    for (const name of ['ab', 'x'.repeat(64), 'A-b', 'a_b', '-ab', 'ab-', 'a..b', '10.0.0.1', 'é', '', 5, undefined])
      expect(() => checkBucketName(name)).toThrow('Expected `bucket` to be')
  })

  test('the dead-letter queue of the longest name that is let through has a place too', () => {
    const longest = 'x'.repeat(80 - '-completed'.length)
    expect(() => checkStatuses(longest, ['pending', 'completed', 'failed'])).not.toThrow()
    for (const length of [69, 70, 75, 76, 79]) {
      try {
        checkQueueName('x'.repeat(length), 'bucket')
        checkStatuses('x'.repeat(length), ['p'])
      } catch {
        continue
      }
      expect(deadLetterQueueName('x'.repeat(length)).length).toBeLessThanOrEqual(80)
    }
  })

  test('values in messages are short and on one line', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (value) => {
        const shown = show(value)
        expect(shown.length).toBeLessThanOrEqual(80)
        expect(shown).not.toMatch(/[\r\n]/)
      }),
    )
  })
})
