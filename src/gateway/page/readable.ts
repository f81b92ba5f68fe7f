/** Sequences that move a terminal's cursor or colour its text: CSI, OSC and their like, as ECMA-48 has them. */
// oxlint-disable-next-line no-control-regex -- they begin with ESC
const sequences = /\u001b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\|$)|[ -/]*[0-~])/g

/** What cannot be seen, or changes the order in which other characters are seen. */
const invisible = /[^\P{C}\n\t]|[\u2028\u2029]/gu

/**
 * A text of others, so that all of it can be seen: nothing turns it around, hides in it or ends it. It still has to be escaped.
 * @param most Characters that are shown
 */
export function readable(text: string, most = 300): string {
  const start = text.slice(0, most).toWellFormed()
  const shown = start.replaceAll(
    /[^\P{C}]|[\u2028\u2029]/gu,
    (character) => ({ '\n': '↵', '\t': ' ' })[character] ?? named(character),
  )
  return text.length > most ? `${shown}… (${(text.length - most).toLocaleString('en')} more)` : shown
}

/** The same for a text of several lines: lines stay lines, and what would colour a terminal goes. */
export function readableLines(text: string, most = 65_536, mostOfLine = 2000): string {
  const start = text.slice(0, most).toWellFormed().replaceAll(sequences, '').replaceAll('\r\n', '\n')
  const lines = start.split('\n').map((line) => cut(lastOverwrite(line), mostOfLine))
  const shown = lines.join('\n').replaceAll(invisible, named)
  return text.length > most ? `${shown}\n… (${(text.length - most).toLocaleString('en')} more characters)` : shown
}

/** A progress bar writes over its own line: what it wrote last is what a terminal would show. */
function lastOverwrite(line: string): string {
  const ended = line.endsWith('\r') ? line.slice(0, -1) : line
  return ended.slice(ended.lastIndexOf('\r') + 1)
}

function cut(line: string, most: number): string {
  return line.length > most ? `${line.slice(0, most)}… (${(line.length - most).toLocaleString('en')} more)` : line
}

function named(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`
}
