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

/** A run as a picture: a mark for each index, their counts, and why some failed. */
export function runGrid(state: RunState, stream: NodeJS.WriteStream): string {
  const { name, status, submittedAt, finishedAt, indexes } = state
  const seconds = ((finishedAt ?? new Date()).getTime() - submittedAt.getTime()) / 1000
  const legend = statuses.map((one) => {
    const count = indexes.filter((index) => index.status === one).length
    return `${paint(marks[one].style, marks[one].mark, stream)} ${one} ${count}`
  })
  return [
    `${paint('bold', name, stream)}  ${status}, ${spanText(seconds)}`,
    ...rows(indexes, stream),
    legend.join('   '),
    ...reasons(indexes),
  ].join('\n')
}

/** Lines of tens, each with its first index before it. */
function rows(indexes: readonly IndexState[], stream: NodeJS.WriteStream): readonly string[] {
  const width = String(indexes.at(-1)?.index ?? 0).length
  const tens = Math.min(10, Math.max(1, Math.floor(((stream.columns ?? 80) - width - 3) / 11)))
  const lines = chunks(indexes, tens * 10).map((line) => {
    const label = paint('dim', String(line[0]?.index).padStart(width), stream)
    return `${label}  ${chunks(line, 10)
      .map((ten) => cells(ten, stream))
      .join(' ')}`
  })
  return ['', ...lines, '']
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
