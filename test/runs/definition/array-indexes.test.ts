import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatIndexes, indexesOfSize, parseIndexes } from '../../../src/runs/definition/array-indexes.ts'

const indexes = fc.uniqueArray(fc.integer({ min: 0, max: 9_999_999 }), { minLength: 1, maxLength: 1000 })

test.each([
  ['0', [0]],
  ['0,3,6,9', [0, 3, 6, 9]],
  ['1-5,7-8,10', [1, 2, 3, 4, 5, 7, 8, 10]],
  ['3, 7, 9', [3, 7, 9]],
  ['1 - 3', [1, 2, 3]],
  ['2,1,2,1-2', [1, 2]],
  ['9999999', [9_999_999]],
])('%s is %j', (text, expected) => {
  expect(parseIndexes(text)).toEqual(expected)
})

test.each([
  '',
  ' ',
  ',',
  '1,',
  '-1',
  '1--2',
  '3-1',
  '1.5',
  'a',
  '1 2',
  '10000000',
  '0-1000',
  '0-9999999',
  '0-999,2000',
])('%j is refused, and the refusal names the member', (text) => {
  expect(() => parseIndexes(text)).toThrow(/^Expected `arrayIndexes` to be /)
})

test('whatever indexes there are, what is written is read as the same ones, and is written the same again', () => {
  fc.assert(
    fc.property(indexes, (some) => {
      const text = formatIndexes(some)
      expect(parseIndexes(text)).toEqual(some.toSorted((a, b) => a - b))
      expect(formatIndexes(parseIndexes(text))).toBe(text)
    }),
  )
})

test('neighbours are written as one range', () => {
  expect(formatIndexes([8, 2, 3, 7, 4, 6])).toBe('2-4,6-8')
  expect(formatIndexes([])).toBe('')
  expect(indexesOfSize(1)).toBe('0')
  expect(indexesOfSize(1000)).toBe('0-999')
  for (const size of [0, 1001, 1.5]) expect(() => indexesOfSize(size)).toThrow('from 1 to 1000')
})
