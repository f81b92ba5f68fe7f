import { refusal } from './refuse.ts'

/** Most indexes of one array. */
export const maxArraySize = 1000
const maxIndex = 9_999_999
const expected = `indexes and ranges from 0 to ${maxIndex} such as 0,3,6-9`

/**
 * The indexes of a text such as `0,3,6-9`, each once and in ascending order; blanks between its parts do not count.
 * @throws RemoteJobError `INVALID_ARGUMENT` for what is no index, is too high, or is more than 1000 of them
 */
export function parseIndexes(text: string, place = 'arrayIndexes'): readonly number[] {
  const found = new Set<number>()
  for (const part of text.split(',')) {
    const match = /^\s*(\d{1,7})\s*(?:-\s*(\d{1,7})\s*)?$/.exec(part)
    if (!match) throw refusal(place, expected, text)
    const first = Number(match[1])
    const last = Number(match[2] ?? match[1])
    if (last < first) throw refusal(place, `${expected}, each range upwards`, text)
    // Counted before they are made: a range may be ten million long.
    if (last - first >= maxArraySize) throw refusal(place, `at most ${maxArraySize} indexes`, text)
    for (let index = first; index <= last; index += 1) found.add(index)
    if (found.size > maxArraySize) throw refusal(place, `at most ${maxArraySize} indexes`, text)
  }
  return [...found].toSorted((a, b) => a - b)
}

/** The shortest text that {@link parseIndexes} reads as these indexes, such as `2-4,6-8`; empty for none. */
export function formatIndexes(indexes: Iterable<number>): string {
  const spans: { first: number; last: number }[] = []
  for (const index of [...new Set(indexes)].toSorted((a, b) => a - b)) {
    const span = spans.at(-1)
    if (span && index === span.last + 1) span.last = index
    else spans.push({ first: index, last: index })
  }
  return spans.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`)).join(',')
}

/** The indexes of an array of that size: `0` to `size` less one. */
export function indexesOfSize(size: number, place = 'arraySize'): string {
  if (!Number.isInteger(size) || size < 1 || size > maxArraySize)
    throw refusal(place, `a whole number from 1 to ${maxArraySize}`, size)
  return formatIndexes(Array.from({ length: size }, (_, index) => index))
}
