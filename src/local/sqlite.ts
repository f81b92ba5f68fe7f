/**
 * `node:sqlite`, loaded at first use: importing the backend stays cheap, and Node 22's notice that the module is
 * experimental, which would reach the terminal of everybody who starts a worker, is kept back. Nothing else is muted.
 */
export function loadSqlite(): typeof import('node:sqlite') {
  const emitWarning = process.emitWarning
  process.emitWarning = (warning: string | Error, ...rest: never[]): void => {
    if (!String(warning).startsWith('SQLite is an experimental feature')) emitWarning.call(process, warning, ...rest)
  }
  try {
    return process.getBuiltinModule('node:sqlite')
  } finally {
    process.emitWarning = emitWarning
  }
}
