import type { JsonValue } from '../../protocol/json.ts'
import { type Terminal, write } from '../terminal.ts'
import type { Format } from './format.ts'
import { printableJson, printableLines } from './printable.ts'
import { drawTable, type Table } from './table.ts'

/** One answer in two forms: for machines, and for people. */
export interface Answer {
  readonly data: JsonValue
  readonly table: Table | string
}

/** Prints an answer in the form that was asked for; each ends its last line. */
export async function print(terminal: Terminal, format: Format, { data, table }: Answer): Promise<void> {
  const found = await textOf(format, data, async () =>
    typeof table === 'string' ? table : drawTable(table, terminal.out),
  )
  const text = seen(terminal, format, found)
  if (text !== '') await write(terminal, text.endsWith('\n') ? text : `${text}\n`)
}

/**
 * Prints one of many things that come one after the other: JSON of a line each, YAML of a document each, or what the expression finds.
 * As a table it is nothing: whoever calls has words for people.
 */
export async function printItem(terminal: Terminal, format: Format, data: JsonValue): Promise<void> {
  if (format.kind === 'table') return
  const text =
    format.kind === 'json' ? printableJson(JSON.stringify(data)) : await textOf(format, data, () => Promise.resolve(''))
  await write(terminal, `${format.kind === 'yaml' ? '---\n' : ''}${seen(terminal, format, text).trimEnd()}\n`)
}

/** Scripts get what an expression finds as it is, and a terminal nothing that it would obey. */
function seen({ out }: Terminal, { kind }: Format, text: string): string {
  return kind === 'jsonpath' && out.isTTY ? printableLines(text) : text
}

async function textOf(format: Format, data: JsonValue, table: () => Promise<string>): Promise<string> {
  switch (format.kind) {
    case 'table':
      return table()
    case 'json':
      return printableJson(JSON.stringify(data, undefined, 2))
    case 'yaml': {
      const { stringify } = await import('yaml')
      return printableLines(stringify(data))
    }
    case 'jsonpath': {
      const { evaluate, valuesOf } = await import('./jsonpath.ts')
      if (!format.isJson) return evaluate(format.expression, data)
      return printableJson(JSON.stringify(valuesOf(format.expression, data), undefined, 2))
    }
    default:
      return format satisfies never
  }
}
