import { RemoteJobError } from '../../errors.ts'
import { isJsonObject } from '../../protocol/json.ts'
import { checkKeyName, checkSourceName } from '../definition/environment-entry.ts'
import { refusal } from '../definition/refuse.ts'
import type { Kind } from './versioned-contents.ts'

/** What a config map or a secret holds under a key: text, or bytes that are none. */
export type Value = string | Uint8Array

/** Values by key. Keys are 1 to 253 letters, digits, `.`, `_` and `-`; 1 MiB together. */
export type Values = Readonly<Record<string, Value>>

/** As much as Kubernetes, and so IBM Code Engine, lets one hold. */
export const maxValuesBytes = 1024 * 1024

export const configMapKind: Kind<Values> = kindOf('configmaps/', 'config map')
/** Under a folder of their own, so that a policy can keep them from whoever need not read them. */
export const secretKind: Kind<Values> = kindOf('secrets/', 'secret')

function kindOf(folder: string, noun: string): Kind<Values> {
  return { folder, noun, checkName: checkSourceName, toJson, fromJson }
}

/**
 * What is wrong with values is said without them: they may be secret.
 * @throws RemoteJobError `INVALID_ARGUMENT`
 */
export function checkValues(values: Values): void {
  let bytes = 0
  for (const [key, value] of Object.entries(values)) {
    checkKeyName(key)
    const isText = typeof value === 'string' && value.isWellFormed()
    if (!isText && !(value instanceof Uint8Array))
      throw refusal(`values.${key}`, 'well-formed text, or bytes', kindName(value))
    bytes += key.length + Buffer.byteLength(value)
  }
  if (bytes <= maxValuesBytes) return
  throw new RemoteJobError(
    'INVALID_ARGUMENT',
    `Expected keys and values of at most ${maxValuesBytes} bytes together, got ${bytes}: leave large files to a stored object`,
  )
}

function kindName(value: unknown): string {
  return value === null ? 'null' : typeof value
}

function toJson(values: Values) {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : { base64: Buffer.from(value).toString('base64') },
    ]),
  )
}

function fromJson(json: unknown): Values | undefined {
  if (!isJsonObject(json)) return undefined
  const entries = Object.entries(json).map(([key, value]) => [key, valueFrom(value)] as const)
  return entries.every((entry): entry is [string, Value] => entry[1] !== undefined)
    ? Object.fromEntries(entries)
    : undefined
}

function valueFrom(json: unknown): Value | undefined {
  if (typeof json === 'string') return json
  const base64: unknown = isJsonObject(json) ? json['base64'] : undefined
  return typeof base64 === 'string' ? Buffer.from(base64, 'base64') : undefined
}
