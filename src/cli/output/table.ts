import { paint } from '../terminal.ts'
import { printable } from './printable.ts'

/** Rows for people to read. */
export interface Table {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | undefined)[])[]
}

/** Nothing but space between columns, so that the text can be cut by words. */
const plain = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '', // prettier-ignore
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '', // prettier-ignore
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ', // prettier-ignore
}

/** The table as text, its heads bold where the stream shows that. */
export async function drawTable({ columns, rows }: Table, stream: NodeJS.WriteStream): Promise<string> {
  const { default: Drawn } = await import('cli-table3')
  const table = new Drawn({ chars: plain, style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] } })
  if (columns.length > 0) table.push(columns.map((name) => paint('bold', name, stream)))
  for (const row of rows) table.push(row.map((cell) => printable(cell ?? '-')))
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}
