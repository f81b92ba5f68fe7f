import { RemoteJobError } from '../errors.ts'
import { logsPrefix } from './keys.ts'
import { show } from './names.ts'

/** One piece of what an attempt wrote to its logs, as its key tells it. */
export interface LogPiece {
  /** Which delivery of the job wrote it: a later one sorts behind it. */
  readonly delivery: number
  readonly attempt: number
  readonly nonce: string
  /** Its place among the pieces of its attempt, whatever their streams. */
  readonly index: number
  /** `stdout`, `stderr`, or whatever a handler called it. */
  readonly stream: string
}

const streamPattern = /^[A-Za-z0-9_-]{1,32}$/

/**
 * Checks what a log is called: its name becomes part of keys.
 * @throws RemoteJobError `INVALID_ARGUMENT`
 */
export function checkStreamName(stream: unknown): asserts stream is string {
  if (typeof stream === 'string' && streamPattern.test(stream)) return
  throw new RemoteJobError(
    'INVALID_ARGUMENT',
    `Expected \`stream\` to be 1 to 32 letters, digits, "-" or "_", got ${show(stream)}`,
  )
}

/** The key of a piece; keys sort as pieces were written. */
export function logKey(id: string, { delivery, attempt, nonce, index, stream }: LogPiece): string {
  return `${logsPrefix(id)}${padded(delivery, 6)}-${attempt}-${nonce}/${padded(index, 8)}-${stream}`
}

/** The piece that a key names, or `undefined` for other keys. */
export function parseLogKey(id: string, key: string): LogPiece | undefined {
  const match = /^(\d{6,})-(\d+)-([A-Za-z0-9]+)\/(\d{8,})-([A-Za-z0-9_-]{1,32})$/.exec(key.slice(logsPrefix(id).length))
  if (!match || !key.startsWith(logsPrefix(id))) return undefined
  const [, delivery, attempt, nonce = '', index, stream = ''] = match
  return { delivery: Number(delivery), attempt: Number(attempt), nonce, index: Number(index), stream }
}

const padded = (value: number, digits: number): string => String(value).padStart(digits, '0')
