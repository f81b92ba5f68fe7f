import { refusal } from './refuse.ts'

/** Where variables come from that are no literals. */
export type Source = 'config map' | 'secret'

/** One line of a definition's environment. */
export type EnvironmentEntry =
  | { readonly kind: 'literal'; readonly name: string; readonly value: string }
  /** All keys of a config map or secret, each with `prefix` before it. */
  | { readonly kind: 'all'; readonly from: Source; readonly reference: string; readonly prefix: string }
  /** One of its keys, under a name. */
  | {
      readonly kind: 'key'
      readonly from: Source
      readonly reference: string
      readonly name: string
      readonly key: string
    }

/** A variable's name as POSIX has it; others cannot be had from a shell. */
const variable = /^[A-Za-z_][A-Za-z0-9_.-]*$/
/** Names of config maps, secrets and what is in them. */
const named = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/
const key = /^[A-Za-z0-9._-]{1,253}$/

/** Whether a variable can have that name. */
export function isVariable(name: string): boolean {
  return variable.test(name)
}

/** @throws RemoteJobError `INVALID_ARGUMENT` for a name that no config map and no secret can have */
export function checkSourceName(name: unknown): asserts name is string {
  if (typeof name === 'string' && named.test(name)) return
  throw refusal('name', '1 to 253 lower-case letters, digits, "." and "-", with a letter or digit at both ends', name)
}

/** Whether a config map or a secret can have that key; two of them would be files that are folders. */
export function isKeyName(name: unknown): name is string {
  return typeof name === 'string' && key.test(name) && name !== '.' && name !== '..'
}

/** @throws RemoteJobError `INVALID_ARGUMENT` for what cannot be a key in a config map or a secret */
export function checkKeyName(name: unknown): asserts name is string {
  if (!isKeyName(name)) throw refusal('key', '1 to 253 letters, digits, ".", "_" and "-"', name)
}

/** Whether a config map or a secret can have that name. */
export function isStoredName(text: string): boolean {
  return named.test(text)
}

/**
 * What makes an entry one that can be had.
 * @throws RemoteJobError `INVALID_ARGUMENT` that names the place, and no value
 */
export function checkEntry(entry: EnvironmentEntry, place: string): void {
  const { kind } = entry
  if (kind === 'all' ? entry.prefix !== '' && !variable.test(entry.prefix) : !variable.test(entry.name))
    throw refusal(place, 'a variable of letters, digits and "_"', kind === 'all' ? entry.prefix : entry.name)
  if (kind === 'literal') {
    if (typeof entry.value !== 'string' || entry.value.includes('\0'))
      throw refusal(place, 'a value without NUL', entry.name)
    return
  }
  if (!named.test(entry.reference)) throw refusal(place, `the name of a ${entry.from}`, entry.reference)
  if (kind === 'key' && !isKeyName(entry.key)) throw refusal(place, `a key of a ${entry.from}`, entry.key)
}

/** A literal: `NAME=VALUE`. The value may have anything in it but NUL. */
export function parseLiteral(text: string, place = 'env'): EnvironmentEntry {
  const at = text.indexOf('=')
  const name = text.slice(0, Math.max(0, at))
  if (at < 1 || !variable.test(name)) throw refusal(place, 'NAME=VALUE', hidden(text))
  const value = text.slice(at + 1)
  if (value.includes('\0')) throw refusal(place, 'a value without NUL', name)
  return { kind: 'literal', name, value }
}

/** What was meant as a value may be a secret, and a refusal is printed. */
function hidden(text: string): string {
  const at = text.indexOf('=')
  return at === -1 ? text : `${text.slice(0, at)}=…`
}

/**
 * A reference: `NAME` for all keys, `PREFIX=NAME` for all with that before each, `NAME:K1,K2` for some, `NAME:NEW=K` for one under
 * another name.
 * @throws RemoteJobError `INVALID_ARGUMENT`
 */
export function parseReference(text: string, from: Source, place: string): readonly EnvironmentEntry[] {
  const expected = 'NAME, PREFIX=NAME, NAME:KEY1,KEY2 or NAME:NEW=KEY'
  const colon = text.indexOf(':')
  if (colon === -1) {
    const at = text.indexOf('=')
    const prefix = text.slice(0, Math.max(0, at))
    const reference = text.slice(at + 1)
    const fits = named.test(reference) && (at === -1 || variable.test(prefix))
    if (!fits) throw refusal(place, expected, text)
    return [{ kind: 'all', from, reference, prefix }]
  }
  const reference = text.slice(0, colon)
  if (!named.test(reference)) throw refusal(place, expected, text)
  return text
    .slice(colon + 1)
    .split(',')
    .map((part) => {
      const [name = '', taken = name, ...more] = part.split('=')
      if (!variable.test(name) || !key.test(taken) || more.length > 0) throw refusal(place, expected, text)
      return { kind: 'key', from, reference, name, key: taken }
    })
}

/**
 * A run's environment over a definition's: an entry goes that the run has of the same name, or the same whole map; the run's follow.
 */
export function mergeEnvironment(
  configured: readonly EnvironmentEntry[],
  wanted: readonly EnvironmentEntry[],
): readonly EnvironmentEntry[] {
  const taken = new Set(wanted.map(identityOf))
  return [...configured.filter((entry) => !taken.has(identityOf(entry))), ...wanted]
}

function identityOf(entry: EnvironmentEntry): string {
  return entry.kind === 'all' ? `all:${entry.from}:${entry.reference}:${entry.prefix}` : `name:${entry.name}`
}
