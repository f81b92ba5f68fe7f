import fc from 'fast-check'
import { v7 } from 'uuid'
import { describe, expect, test } from 'vitest'
import { checkId, checkOwnId, idFloor, isId, newId, timeOfId } from '../../src/protocol/id.ts'
import { id, time } from './arbitraries.ts'

describe('ids', () => {
  test('new ones are told apart, tell their time and sort by it', () => {
    const before = Date.now()
    const ids = Array.from({ length: 1000 }, newId)
    expect(new Set(ids).size).toBe(1000)
    expect(ids.toSorted()).toEqual(ids)
    for (const one of ids) {
      expect(isId(one)).toBe(true)
      expect(timeOfId(one)).toBeGreaterThanOrEqual(before)
      expect(timeOfId(one)).toBeLessThanOrEqual(Date.now())
    }
  })

  test('a floor is below every id of its millisecond and above all earlier ones', () => {
    fc.assert(
      fc.property(time, fc.uint8Array({ minLength: 16, maxLength: 16 }), (msecs, random) => {
        const one = v7({ msecs, random })
        expect(timeOfId(one)).toBe(msecs)
        expect(idFloor(msecs) <= one).toBe(true)
        expect(idFloor(msecs + 1) > one).toBe(true)
      }),
    )
    expect(idFloor(-5)).toBe(idFloor(0))
    expect(idFloor(1.9)).toBe(idFloor(1))
  })

  test('others have no time', () => {
    for (const one of ['mine', '', newId().toUpperCase(), newId().slice(1), 'f47ac10b-58cc-4372-a567-0e02b2c3d479'])
      expect(timeOfId(one)).toBeUndefined()
  })

  test('what may be one makes one part of a key', () => {
    fc.assert(
      fc.property(id, (one) => {
        expect(isId(one)).toBe(true)
        expect(new URL(`inputs/${one}/x`, 'http://host/').pathname).toBe(`/inputs/${one}/x`)
      }),
    )
  })

  test('what may lead elsewhere is none', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('/', '\\', '..', ' ', '%', '\u0000', 'é', '\n', '?', '#', ':'),
        fc.string({ unit: 'binary' }),
        (before, within, after) => {
          expect(isId(before + within + after)).toBe(false)
          expect(() => checkId(before + within + after)).toThrow('Expected `id` to be 1 to 128')
        },
      ),
    )
    for (const one of ['', '.', 'x'.repeat(129), 5, null, undefined, {}, ['x']]) expect(isId(one)).toBe(false)
  })

  test('those that the library gives out are kept from callers', () => {
    for (const one of ['cron.nightly', 'run.x.1'])
      expect(() => checkOwnId(one)).toThrow('are kept for schedules and runs')
    for (const one of ['cron', 'running.x', 'my.run.x']) expect(() => checkOwnId(one)).not.toThrow()
  })
})
