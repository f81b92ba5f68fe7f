#!/usr/bin/env node
import { exitCodes } from './exit-codes.ts'
import { ownWords } from './global-options.ts'
import { isParsingEnd, problemFrom } from './problem.ts'
import { createProgram } from './program.ts'
import { spellOut } from './spelling.ts'
import { colourNothing, paint, processTerminal } from './terminal.ts'

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
  if (words[0] === 'complete') await answerCompletions(program)
  await program.parseAsync(words, { from: 'user' })
} catch (error) {
  process.exitCode = end(error)
}

/** Teaches the program to answer what the shells' scripts ask. Its types are of commander's own, looser ones. */
async function answerCompletions(to: typeof program): Promise<void> {
  const { default: addCompletions } = await import('@bomb.sh/tab/commander')
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- said above
  addCompletions(to as unknown as Parameters<typeof addCompletions>[0])
}

function end(error: unknown): number {
  if (isParsingEnd(error)) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  const problem = problemFrom(error)
  terminal.err.write(`${paint('red', 'error:', terminal.err)} ${problem.message}\n`)
  if (program.getOptionValue('debug') === true) terminal.err.write(`${inspectable(problem)}\n`)
  return problem.exitCode
}

/** The stacks of an error and of what caused it. */
function inspectable(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? String(error.stack) : `${error.stack}\ncaused by ${inspectable(error.cause)}`
}
