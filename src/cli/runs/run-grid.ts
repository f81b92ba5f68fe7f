import { stripVTControlCharacters } from 'node:util'
import type { IndexState, RunState } from '../../runs.ts'
import { formatIndexes } from '../../runs/definition/array-indexes.ts'
import { spanText } from '../output/time.ts'
import { paint } from '../terminal.ts'

type Status = IndexState['status']

/** How an index looks: also without colours, and in any font. */
const marks = {
  pending: { mark: '.', style: 'dim' },
  running: { mark: '>', style: 'yellow' },
  succeeded: { mark: '+', style: 'green' },
  failed: { mark: 'x', style: 'red' },
} as const satisfies Record<Status, object>

const statuses = ['pending', 'running', 'succeeded', 'failed'] as const

/**
 * A run as a picture: a mark for each index, their counts, and why some failed. Where that has more rows than there are, indexes are left
 * out: those that are over, and then those that come last.
 */
export function runGrid(state: RunState, stream: NodeJS.WriteStream, rows = Number.POSITIVE_INFINITY): string {
  const { name, status, submittedAt, finishedAt, indexes } = state
  const seconds = ((finishedAt ?? new Date()).getTime() - submittedAt.getTime()) / 1000
  const legend = statuses.map((one) => {
    const count = indexes.filter((index) => index.status === one).length
    return `${paint(marks[one].style, marks[one].mark, stream)} ${one} ${count}`
  })
  const title = [`${paint('bold', name, stream)}  ${status}, ${spanText(seconds)}`, '']
  const notes = ['', legend.join('   '), ...reasons(indexes)]
  return [...title, ...fit(lines(indexes, stream), rows - height([...title, ...notes], stream)), ...notes].join('\n')
}

/** Some indexes, side by side. */
interface Line {
  readonly text: string
  readonly indexes: readonly IndexState[]
}

/** Lines of tens, each with its first index before it. */
function lines(indexes: readonly IndexState[], stream: NodeJS.WriteStream): readonly Line[] {
  const width = String(indexes.at(-1)?.index ?? 0).length
  const tens = Math.min(10, Math.max(1, Math.floor(((stream.columns ?? 80) - width - 3) / 11)))
  return chunks(indexes, tens * 10).map((line) => {
    const label = paint('dim', String(line[0]?.index).padStart(width), stream)
    const marked = chunks(line, 10).map((ten) => cells(ten, stream))
    return { text: `${label}  ${marked.join(' ')}`, indexes: line }
  })
}

/** As many lines as there is room for: from the one before the first that is not over, with how many indexes are left out. */
function fit(all: readonly Line[], room: number): readonly string[] {
  if (all.length <= room) return all.map(({ text }) => text)
  const most = Math.max(1, room - 2)
  const open = all.findIndex(({ indexes }) => indexes.some(({ finishedAt }) => finishedAt === undefined))
  const from = Math.min(Math.max(0, open - 1), all.length - most)
  const rest = (some: readonly Line[], where: string): readonly string[] =>
    some.length === 0 ? [] : [`(${some.flatMap(({ indexes }) => indexes).length} ${where})`]
  const shown = all.slice(from, from + most).map(({ text }) => text)
  return [...rest(all.slice(0, from), 'above'), ...shown, ...rest(all.slice(from + most), 'below')]
}

/** The rows that texts take on a screen. */
function height(texts: readonly string[], stream: NodeJS.WriteStream): number {
  const columns = stream.columns ?? 80
  const rows = texts.map((text) => Math.max(1, Math.ceil(stripVTControlCharacters(text).length / columns)))
  return rows.reduce((sum, some) => sum + some, 0)
}

/** Neighbours that look alike are coloured together. */
function cells(ten: readonly IndexState[], stream: NodeJS.WriteStream): string {
  const text = ten.map(({ status }) => marks[status].mark).join('')
  return text.replaceAll(/(.)\1*/g, (alike) => {
    const status = statuses.find((one) => marks[one].mark === alike[0])
    return status ? paint(marks[status].style, alike, stream) : alike
  })
}

function reasons(indexes: readonly IndexState[]): readonly string[] {
  const failed = indexes.filter(({ status }) => status === 'failed')
  const byReason = Map.groupBy(failed, ({ lastFailureReason }) => lastFailureReason ?? 'unknown reason')
  return [...byReason].map(([reason, some]) => `${reason}: ${formatIndexes(some.map(({ index }) => index))}`)
}

function chunks<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size))
}
