import { InvalidArgumentError } from '@commander-js/extra-typings'
import { isJsonObject, type JsonObject, parseJson } from '../protocol/json.ts'

/** Adds `key=value` to the pairs before it; the value is text, and all after the first `=`. */
export function collectPairs(text: string, before: JsonObject | undefined): JsonObject {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('Expected key=value, such as width=320.')
  const entries = Object.entries(before ?? {})
  return Object.fromEntries([...entries, [text.slice(0, at), text.slice(at + 1)]])
}

/** An object in JSON. */
export function parseObject(text: string): JsonObject {
  const value = parseJson(text)
  if (isJsonObject(value)) return value
  throw new InvalidArgumentError(`Expected a JSON object, such as '{"width": 320}'.`)
}
