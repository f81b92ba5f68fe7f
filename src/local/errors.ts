import { type ErrorCode, isRemoteJobError, RemoteJobError } from '../errors.ts'

/** Result codes of SQLite (https://sqlite.org/rescode.html) that somebody can do something about. */
const sqliteCodes: Readonly<Record<number, readonly [ErrorCode, string]>> = {
  3: ['ACCESS_DENIED', 'this process may not write there; change its owner or mode, or choose another directory'],
  8: ['ACCESS_DENIED', 'it is read-only for this process; change its owner or mode, or choose another directory'],
  10: [
    'UNAVAILABLE',
    'the disk failed to read or write; the directory has to be on a working local disk, not on a network',
  ],
  11: ['UNAVAILABLE', 'the database is damaged; move the directory away and restore it from a copy'],
  13: ['OUT_OF_SPACE', 'the disk is full; make room and try again'],
  14: ['ACCESS_DENIED', 'the database cannot be opened; check that the directory exists and may be written'],
  15: ['UNAVAILABLE', 'locks do not work there; the directory has to be on a local disk, not on a network'],
  26: ['UNAVAILABLE', 'the file is not an SQLite database; move it away or choose another directory'],
}

const systemCodes: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  EACCES: ['ACCESS_DENIED', 'this process may not write there; change its owner or mode, or choose another directory'],
  EPERM: ['ACCESS_DENIED', 'this process may not write there; change its owner or mode, or choose another directory'],
  EROFS: ['ACCESS_DENIED', 'the file system is read-only; choose another directory'],
  ENOTDIR: ['UNAVAILABLE', 'a part of the path is a file, not a directory; choose another directory'],
  EEXIST: ['UNAVAILABLE', 'there is a file of that name, not a directory; choose another directory'],
  ENOENT: ['UNAVAILABLE', 'a part of it is missing and was not made by this process; was it removed while in use?'],
  ENOSPC: ['OUT_OF_SPACE', 'the disk is full; make room and try again'],
  EDQUOT: ['OUT_OF_SPACE', 'the disk quota is used up; make room and try again'],
  EMFILE: ['UNAVAILABLE', 'too many files are open; raise the limit (ulimit -n) or read fewer at once'],
  ENFILE: ['UNAVAILABLE', 'too many files are open on this machine; read fewer at once'],
}

/** The one place where errors of SQLite and of the file system are told apart. Ours pass as they are. */
export function fromLocal(error: unknown, path: string): RemoteJobError {
  if (isRemoteJobError(error)) return error
  const [code, advice] = explain(error)
  return new RemoteJobError(code, `The local store at ${path}: ${advice}`, { cause: error })
}

/** Whether another connection holds the lock that was asked for: try again. */
export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error)
  return code === 5 || code === 6
}

/** Whether a file was not there. */
export function isMissing(error: unknown): boolean {
  return systemCode(error) === 'ENOENT'
}

/** The `code` of an error of the file system, such as `ENOENT`. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

function explain(error: unknown): readonly [ErrorCode, string] {
  // Of a folder, with those above it there: the file system has none but its own.
  const isRefused = isMissing(error) && error instanceof Error && 'syscall' in error && error.syscall === 'mkdir'
  if (isRefused) return ['ACCESS_DENIED', 'no folder can be made there; choose another directory']
  const known = sqliteCodes[sqliteCode(error) ?? 0] ?? systemCodes[systemCode(error) ?? '']
  return known ?? ['UNAVAILABLE', error instanceof Error ? error.message : String(error)]
}

/** The primary result code: the low byte of the extended one. */
function sqliteCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff
    : undefined
}
