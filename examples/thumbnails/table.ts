import type { Row } from './requester.ts'

const headings = ['photo', 'job', 'status', 'bytes in', 'bytes out', 'time']

/** The rows as lines of text under their headings; below them the errors, each with its photograph. */
export function tableOf(rows: readonly Row[]): string {
  const cells = [headings, ...rows.map(cellsOf)]
  const widths = headings.map((_, column) => Math.max(...cells.map((line) => (line[column] ?? '').length)))
  const lines = cells.map((line) => line.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join('  '))
  const errors = rows.filter(({ error }) => error !== undefined).map(({ photo, error }) => `${photo}: ${error}`)
  return [...lines, ...errors].join('\n')
}

function cellsOf({ photo, job, status, bytesIn, bytesOut, seconds }: Row): string[] {
  return [photo, job, status, number(bytesIn), number(bytesOut), `${Math.round(seconds * 1000)} ms`]
}

function pad(cell: string, width: number, column: number): string {
  return column < 3 ? cell.padEnd(width) : cell.padStart(width)
}

const number = (value: number) => value.toLocaleString('en')
