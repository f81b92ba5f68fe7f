import { CommanderError } from '@commander-js/extra-typings'
import { isRemoteJobError } from '../errors.ts'
import { type ExitCode, exitCodeOf, exitCodes } from './exit-codes.ts'
import { optionOf } from './runs/definition-options.ts'

/** Something that ends a command: one line that says what to do, and the exit status. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly exitCode: ExitCode

  constructor(exitCode: ExitCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.exitCode = exitCode
  }
}

/** Whatever was thrown, as a line for people and a status for scripts. */
export function problemFrom(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (isRemoteJobError(error)) return new Problem(exitCodeOf[error.code], asTyped(error.message), { cause: error })
  if (isSystemError(error)) return new Problem(...fromSystem(error), { cause: error })
  const message = error instanceof Error ? error.message : String(error)
  return new Problem(exitCodes.error, `${oneLine(message)} (--debug shows where)`, { cause: error })
}

/** Whether commander ended the command by itself, after it said why: help, version, or a mistake in the command line. */
export function isParsingEnd(error: unknown): error is CommanderError {
  return error instanceof CommanderError
}

interface SystemError extends Error {
  readonly code: string
  readonly syscall: unknown
  readonly path?: unknown
}

function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error
}

function fromSystem({ code, path, message, syscall }: SystemError): [ExitCode, string] {
  const where = typeof path === 'string' ? `"${path}"` : 'the file'
  switch (code) {
    case 'ENOENT':
      return syscall === 'mkdir'
        ? [exitCodes.notFound, `No folder ${where} can be made there: choose another path`]
        : [exitCodes.notFound, `There is no ${where}: check the path`]
    case 'EACCES':
    case 'EPERM':
      return [exitCodes.notFound, `No permission for ${where}: change its permissions, or choose another path`]
    case 'EISDIR':
      return [exitCodes.usage, `${where} is a folder: name a file in it, or make an archive of it first`]
    case 'ENOTDIR':
      return [exitCodes.usage, `A part of ${where} is a file and not a folder: choose another path`]
    case 'ENOSPC':
    case 'EDQUOT':
      return [exitCodes.noSpace, `No space is left for ${where}: free some, or choose a folder on another disk`]
    case 'ENAMETOOLONG':
      return [exitCodes.usage, `${where} is too long a name for this disk: choose a shorter one`]
    case 'EROFS':
      return [exitCodes.error, `${where} is on a disk that cannot be written to: choose another folder`]
    case 'EMFILE':
    case 'ENFILE':
      return [exitCodes.error, 'Too many files are open: lower --concurrency, or raise `ulimit -n`']
    default:
      return [exitCodes.error, oneLine(message)]
  }
}

/** Members of a job's definition and of a schedule, as options. */
const optionNames: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ...optionOf,
    runName: '--name',
    timeZone: '--time-zone',
    expiresSeconds: '--expires',
    timeoutSeconds: '--timeout',
    failed: '--failed',
    graceSeconds: '--grace',
    force: '--force',
    index: '--instance',
    job: '--job',
    destination: '--destination',
    extensions: '--extension',
  }),
)

/** The library's words name options of its own; here they have dashes. */
export function asTyped(message: string): string {
  const dashed = message
    .replace(named, (_, from: keyof typeof namedBy, between: string, member: 'environment' | 'mounts') => {
      return `${from}${between}${namedBy[from][member]}`
    })
    .replaceAll(/`(bucket|endpoint|prefix|records|region|statuses|id|group|metadata|force|cron|missed)`/g, '--$1')
    .replaceAll(/`(--[\w-]+)`/g, '$1')
    .replaceAll(/`extensions\.(\w+)`/g, '--extension $1')
    .replaceAll(/`(\w+)`/g, (text, member: string) => optionNames.get(member) ?? text)
  return oneLine(
    dashed
      .replace(', run where a role is attached, or give `credentials`', ', or run where a role is attached')
      .replace(made, 'make it with: remotejob provision'),
  )
}

/** How the library says where a definition names what there is not. */
const named = /(config map|secret)( "[^"]*", which the job's )`(environment|mounts)`/

/** Each is another option here. */
const namedBy = {
  'config map': { environment: '--env-from-configmap', mounts: '--mount-configmap' },
  secret: { environment: '--env-from-secret', mounts: '--mount-secret' },
} as const

/** How the library says that something has to be made. */
const made =
  /let (ready\(\) of a new Queue make it|a queue make it \(provision: 'auto'\)|(it|them) be made \(provision: 'auto'(, or `queue\.ready\(\)`)?\))/

/** All in one line, as scripts and logs expect of an error. */
export function oneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, ' ')
}
