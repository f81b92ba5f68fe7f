import fc from 'fast-check'
import type { JsonObject, JsonValue } from '../../src/protocol/json.ts'

const name = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'toString', 'toJSON', 'v', 'id', '1', '01', ''),
  fc.string({ unit: 'binary' }),
)

const json = fc.letrec<{ value: JsonValue; object: JsonObject }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<JsonValue>(null, true, false, '', 0),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0), // JSON has no -0
    fc.string({ unit: 'binary' }),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('object'),
  ),
  object: fc.dictionary(name, tie('value'), { maxKeys: 5 }),
}))

/** Any value of JSON. */
export const jsonValue = json.value
/** Any object of JSON, with names that trip programs up. */
export const jsonObject = json.object

/** What may be an id. */
export const id = fc.oneof(
  fc.uuid({ version: 7 }),
  fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/),
  fc.stringMatching(/^[a-z]{1,9}(\.[a-z0-9]{1,9}){0,3}$/),
)

/** What may be a key. */
export const key = fc
  .array(fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' }), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join('/'))
  .filter((text) => !/^\/|(^|\/)\.{1,2}(\/|$)|[\p{Cc}\p{Cs}\uFFFE\uFFFF]/u.test(text))

/** A time in milliseconds, as on the wire. */
export const time = fc.integer({ min: 0, max: 4_000_000_000_000 })

export const optional = <Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(arbitrary, { nil: undefined })

/** The same, as it is after a journey as text. */
export const travelled = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
