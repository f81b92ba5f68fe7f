import { readFileSync } from 'node:fs'
import { isJsonObject, parseJson } from '../protocol/json.ts'

/** The package's version, from the `package.json` that lies beside `dist` and beside `src`. */
export function version(): string {
  const about = parseJson(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  const found = isJsonObject(about) ? about['version'] : undefined
  return typeof found === 'string' ? found : 'unknown'
}
