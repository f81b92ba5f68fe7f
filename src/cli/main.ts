#!/usr/bin/env node
import { exitCodes } from './exit-codes.ts'
import { ownWords } from './global-options.ts'
import { printable, printableLines } from './output/printable.ts'
import { isParsingEnd, oneLine, Problem, problemFrom } from './problem.ts'
import { createProgram } from './program.ts'
import { spellOut } from './spelling.ts'
import { colourNothing, paint, processTerminal, write } from './terminal.ts'

const terminal = processTerminal()

// Who reads only the first lines (`| head`) wants no error for it.
terminal.out.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? exitCodes.ok : exitCodes.error)
})
const program = createProgram(terminal)
const words = spellOut(program, process.argv.slice(2))
// Help and mistakes are written before the options are read.
if (ownWords(words).includes('--no-color')) colourNothing()
try {
  if (words[0] === 'complete') await answer(words.slice(words.indexOf('--') + 1))
  else await program.parseAsync(words, { from: 'user' })
} catch (error) {
  process.exitCode = end(error)
}
// What still waits, for a lock of the local database say, does so for nobody.
await Promise.all([terminal.out, terminal.err].map(flushed))
process.exit()

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()))
}

/** What the shells' scripts ask: which words may follow. */
async function answer(typed: readonly string[]): Promise<void> {
  const { candidatesFor } = await import('./completion/candidates.ts')
  const { words: known, others } = candidatesFor(program, typed)
  const lines = [...known.map((candidate) => candidate.join('\t')), `:${others}`]
  await write(terminal, `${lines.join('\n')}\n`)
}

function end(error: unknown): number {
  if (isParsingEnd(error)) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  const problem = withEndpoint(problemFrom(error))
  terminal.err.write(`${paint('red', 'error:', terminal.err)} ${printable(oneLine(problem.message))}\n`)
  if (program.getOptionValue('debug') === true) terminal.err.write(`${printableLines(inspectable(problem))}\n`)
  return problem.exitCode
}

/** A server that is out of order may also be the wrong one. */
function withEndpoint(problem: Problem): Problem {
  const isOther = program.getOptionValue('endpoint') !== undefined && !problem.message.includes('--endpoint')
  if (!isOther || problem.exitCode !== exitCodes.unavailable) return problem
  return new Problem(problem.exitCode, `${problem.message}, or check --endpoint`, { cause: problem.cause })
}

/** The stacks of an error and of what caused it. */
function inspectable(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? String(error.stack) : `${error.stack}\ncaused by ${inspectable(error.cause)}`
}
