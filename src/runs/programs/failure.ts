import { stripVTControlCharacters } from 'node:util'
import { UnrecoverableError } from '../../job-errors.ts'
import type { ProgramEnd } from '../executors/executor.ts'

/** EX_CONFIG of sysexits.h: something is set up wrongly, and another try would find it so again. */
const hopelessCode = 78
/** Lines of what a program said last that its error repeats. */
const lastLines = 5

/** Whether another try of what ended so would find it so again. */
const isHopeless = (end: ProgramEnd): boolean => end.kind === 'exited' && end.code === hopelessCode

/**
 * How a program ended that did not end well, as an error for its job. Its `code` is the reason, as IBM Code Engine names it.
 * @param isFinal Whether that is the job's end
 */
export function failureOf(end: ProgramEnd, command: string, tail: string, isFinal = isHopeless): Error {
  const made = (message: string): Error => (isFinal(end) ? new UnrecoverableError(message) : new Error(message))
  switch (end.kind) {
    case 'exited':
      return named(made(`${command} ended with exit code ${end.code}${said(tail)}`), `ContainerExitedCode${end.code}`)
    case 'killed': {
      const what = end.reason === 'OOMKilled' ? 'took more memory than it may' : `was ended by ${end.signal}`
      return named(made(`${command} ${what}${said(tail)}`), end.reason ?? 'ProgramKilled')
    }
    case 'not started':
      return named(made(`${command} could not be started: ${end.error.message}`), end.reason)
    default:
      return end satisfies never
  }
}

function named(error: Error, code: string): Error {
  // Its own stack would tell of this library, and not of the program.
  error.stack = `${error.name}: ${error.message}`
  return Object.assign(error, { name: 'ProgramError', code })
}

function said(tail: string): string {
  // Whoever reads it in a terminal shall not have its cursor moved.
  const plain = stripVTControlCharacters(tail).replaceAll('\r\n', '\n')
  const lines = plain
    .replaceAll(/[^\P{Cc}\n\t]/gu, '\ufffd')
    .trimEnd()
    .split('\n')
    .slice(-lastLines)
    .join('\n')
  return lines === '' ? '' : `: ${lines}`
}
