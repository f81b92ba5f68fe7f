import { styleText } from 'node:util'

/** Where a command writes: data goes to `out`, all else to `err`. */
export interface Terminal {
  readonly out: NodeJS.WriteStream
  readonly err: NodeJS.WriteStream
  /** Whether messages beside the data are wanted. */
  isQuiet: boolean
  /** Whether bars may be drawn. */
  hasProgress: boolean
}

/** The process's own. */
export function processTerminal(): Terminal {
  return { out: process.stdout, err: process.stderr, isQuiet: false, hasProgress: process.stderr.isTTY }
}

/** A word to people, which scripts do not see: on a terminal only. */
export function note({ err, isQuiet }: Terminal, message: string): void {
  if (!isQuiet && err.isTTY) err.write(`${message}\n`)
}

/** Something that people must be told, also where nobody watches. */
export function warn({ err }: Terminal, message: string): void {
  err.write(`${paint('yellow', 'warning:', err)} ${message}\n`)
}

/** Coloured text, where the stream shows colours: not in pipes, and not with NO_COLOR. */
export function paint(style: Parameters<typeof styleText>[0], text: string, stream: NodeJS.WriteStream): string {
  return styleText(style, text, { stream })
}

/** Streams ask the environment whether they are to colour; it is the same for all. */
export function colourNothing(): void {
  process.env['NO_COLOR'] = '1'
  delete process.env['FORCE_COLOR']
}

/** Writes data; resolves when the reader has taken it, so that nothing piles up. */
export async function write({ out }: Terminal, text: string | Uint8Array): Promise<void> {
  if (out.write(text)) return
  await new Promise((resolve) => out.once('drain', resolve))
}
