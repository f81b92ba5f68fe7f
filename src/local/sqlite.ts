/**
 * `node:sqlite`, loaded at first use: importing the backend stays cheap, and Node 22's notice that the module is
 * experimental, which would reach the terminal of everybody who starts a worker, is kept back. Nothing else is muted.
 */
export function loadSqlite(): typeof import('node:sqlite') {
  const original = Object.getOwnPropertyDescriptor(process, 'emitWarning')
  const emitWarning = process.emitWarning.bind(process)
  process.emitWarning = (warning: string | Error, ...rest: never[]): void => {
    if (!String(warning).startsWith('SQLite is an experimental feature')) emitWarning(warning, ...rest)
  }
  try {
    return process.getBuiltinModule('node:sqlite')
  } finally {
    if (original) Object.defineProperty(process, 'emitWarning', original)
  }
}
