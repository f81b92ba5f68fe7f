import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  canonicalJson,
  isJsonObject,
  jsonFrom,
  jsonObjectFrom,
  type JsonValue,
  mostBytes,
} from '../../src/protocol/json.ts'
import { requestHash } from '../../src/protocol/request.ts'
import { jsonObject, jsonValue, travelled } from './arbitraries.ts'

/** The same value, the members of its objects in another order. */
function shuffled(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(shuffled)
  if (!isJsonObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, member]) => [name, shuffled(member)]),
  )
}

describe('JSON', () => {
  test('is copied deeply, and changes nothing', () => {
    fc.assert(
      fc.property(jsonObject, (given) => {
        const copy = jsonObjectFrom(given, 'metadata')
        expect(copy).toEqual(given)
        expect(copy).not.toBe(given)
        expect(JSON.stringify(copy)).toBe(JSON.stringify(given))
        expect(Object.getPrototypeOf(copy)).toBe(Object.prototype)
      }),
    )
  })

  test('takes or refuses any value as a whole, and what it takes travels unchanged', () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
      withNullPrototype: true,
      withBoxedValues: true,
    })
    fc.assert(
      fc.property(anything, (given) => {
        let copy: JsonValue
        try {
          copy = jsonFrom(given, 'value')
        } catch (error) {
          expect(error).toMatchObject({
            code: 'INVALID_ARGUMENT',
            message: expect.stringMatching(/^Expected `value.*` to be JSON, but it /s),
          })
          return
        }
        expect(travelled(copy)).toEqual(JSON.parse(JSON.stringify(copy)))
        expect(JSON.stringify(copy)).toBe(JSON.stringify(given))
      }),
      { numRuns: 500 },
    )
  })

  test('may hold one object twice, but not within itself', () => {
    const shared = { a: 1 }
    expect(jsonFrom([shared, { shared }], 'x')).toEqual([{ a: 1 }, { shared: { a: 1 } }])
    const cycle: unknown[] = []
    cycle.push([cycle])
    expect(() => jsonFrom({ cycle }, 'x')).toThrow('Expected `x.cycle[0][0]` to be JSON, but it contains itself')
  })

  test('has no holes and no toJSON of its own', () => {
    // oxlint-disable-next-line no-sparse-arrays
    expect(() => jsonFrom([1, , 3], 'x')).toThrow('`x[1]`')
    expect(() => jsonFrom({ toJSON: () => 'lie' }, 'x')).toThrow('`x.toJSON` to be JSON, but it is a function')
  })

  test('takes no more bytes than are told without writing it', () => {
    fc.assert(
      fc.property(jsonValue, (value) => {
        expect(Buffer.byteLength(JSON.stringify(value))).toBeLessThanOrEqual(mostBytes(value))
      }),
    )
  })

  test('in canonical form is equal for equal values, whatever the order of members', () => {
    fc.assert(
      fc.property(jsonValue, jsonValue, (one, other) => {
        expect(canonicalJson(shuffled(one))).toBe(canonicalJson(one))
        expect(JSON.parse(canonicalJson(one))).toEqual(travelled(one))
        const equal = JSON.stringify(sortedDeep(one)) === JSON.stringify(sortedDeep(other))
        expect(canonicalJson(one) === canonicalJson(other)).toBe(equal)
      }),
    )
  })
})

function sortedDeep(value: JsonValue): unknown {
  if (Array.isArray(value)) return ['array', ...value.map(sortedDeep)]
  if (!isJsonObject(value)) return ['leaf', value]
  const members = Object.entries(value).map(([name, member]) => [name, sortedDeep(member)] as const)
  return ['object', ...members.toSorted(([a], [b]) => (a < b ? -1 : 1))]
}

describe('the hash of a request', () => {
  const sameness = fc.record({
    queue: fc.constantFrom('thumbs', 'films'),
    metadata: jsonObject,
    status: fc.constantFrom('pending', 'urgent'),
    key: fc.constantFrom('a', 'b', undefined),
    options: fc.dictionary(fc.constantFrom('attempts', 'group'), fc.constantFrom(1, 2, undefined)),
  })

  test('is the same for the same request, however it was written down', () => {
    fc.assert(
      fc.property(sameness, ({ metadata, options, ...rest }) => {
        const again = { ...rest, metadata: shuffled(metadata), options: { ...options, timeoutSeconds: undefined } }
        if (!isJsonObject(again.metadata)) throw new Error('an object stays one')
        expect(requestHash({ ...again, metadata: again.metadata })).toBe(requestHash({ metadata, options, ...rest }))
      }),
    )
  })

  test('is another for another request', () => {
    const base = { queue: 'thumbs', metadata: { a: 1 }, status: 'pending', key: undefined, options: {} }
    const others = [
      base,
      { ...base, metadata: { a: '1' } },
      { ...base, metadata: {} },
      { ...base, status: 'urgent' },
      { ...base, queue: 'films' },
      { ...base, key: 'a' },
      { ...base, options: { attempts: 1 } },
      { ...base, metadata: { a: [1] } },
    ]
    expect(new Set(others.map(requestHash)).size).toBe(others.length)
    for (const hash of others.map(requestHash)) expect(hash).toMatch(/^[0-9a-f]{32}$/)
  })
})
