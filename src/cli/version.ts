import { readFileSync } from 'node:fs'
import { isJsonObject, parseJson } from '../protocol/json.ts'
import { text } from '../protocol/request.ts'

/** The package's version, from the `package.json` that lies beside `dist` and beside `src`. */
export function version(): string {
  const about = parseJson(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return (isJsonObject(about) ? text(about['version']) : undefined) ?? 'unknown'
}
