import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { isJsonObject, parseJson } from './protocol/json.ts'

/** The package's version. It is found by the package's own name, wherever in it this code lies. */
export function version(): string {
  const path = createRequire(import.meta.url).resolve('remotejob/package.json')
  const about = parseJson(readFileSync(path, 'utf8'))
  const found = isJsonObject(about) ? about['version'] : undefined
  return typeof found === 'string' ? found : 'unknown'
}
