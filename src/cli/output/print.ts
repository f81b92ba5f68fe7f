import type { JsonValue } from '../../protocol/json.ts'
import { type Terminal, write } from '../terminal.ts'
import type { Format } from './format.ts'
import { drawTable, type Table } from './table.ts'

/** One answer in two forms: for machines, and for people. */
export interface Answer {
  readonly data: JsonValue
  readonly table: Table | string
}

/** Prints an answer in the form that was asked for; each ends its last line. */
export async function print(terminal: Terminal, format: Format, { data, table }: Answer): Promise<void> {
  const text = await textOf(format, data, async () =>
    typeof table === 'string' ? table : drawTable(table, terminal.out),
  )
  if (text !== '') await write(terminal, text.endsWith('\n') ? text : `${text}\n`)
}

async function textOf(format: Format, data: JsonValue, table: () => Promise<string>): Promise<string> {
  switch (format.kind) {
    case 'table':
      return table()
    case 'json':
      return JSON.stringify(data, undefined, 2)
    case 'yaml': {
      const { stringify } = await import('yaml')
      return stringify(data)
    }
    case 'jsonpath': {
      const { evaluate } = await import('./jsonpath.ts')
      return evaluate(format.expression, data)
    }
    default:
      return format satisfies never
  }
}
