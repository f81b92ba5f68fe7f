import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatRecord, parseRecord, recordedError } from '../../src/protocol/record.ts'

describe('an error on its way to the requester', () => {
  test('keeps name, message, code and stack', () => {
    const error = Object.assign(new RangeError('too far'), { code: 'E_FAR' })
    expect(recordedError(error)).toEqual({ name: 'RangeError', message: 'too far', code: 'E_FAR', stack: error.stack })
    expect(recordedError(Object.assign(new Error('x'), { code: 5 })).code).toBeUndefined()
  })

  test('is cut where it is too long for a small record', () => {
    const { message, stack } = recordedError(new Error('x'.repeat(100_000)))
    expect([message.length, message.at(-1)]).toEqual([8193, '…'])
    expect(stack?.length).toBeLessThanOrEqual(8193)
  })

  test('arrives, whatever was thrown', () => {
    const thrown = fc.oneof(
      fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true, withMap: true }),
      fc
        .record({ name: fc.anything(), message: fc.anything(), stack: fc.anything(), code: fc.anything() })
        .map((members) => Object.assign(new Error('x'), members)),
    )
    fc.assert(
      fc.property(thrown, (value) => {
        const error = recordedError(value)
        const record = {
          v: 1,
          id: 'x',
          status: 'failed',
          attempt: 1,
          nonce: 'n',
          finishedAt: 1,
          assets: [],
          error,
        } as const
        expect(parseRecord(JSON.parse(formatRecord(record)))?.error).toEqual(JSON.parse(JSON.stringify(error)))
      }),
      { numRuns: 500 },
    )
  })
})
