import { RemoteJobError } from '../errors.ts'

/** What JSON can hold (RFC 8259). */
export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject
export interface JsonObject {
  [name: string]: JsonValue
}

/**
 * A deep copy of `value` as JSON has it. Members that are `undefined` are left out, as JSON.stringify does; all else that JSON
 * cannot hold is refused rather than silently changed (a Date, NaN, a Map, a function, a cycle …).
 * @throws RemoteJobError `INVALID_ARGUMENT` that names the place, e.g. `metadata.when`
 */
export function jsonFrom(value: unknown, place: string): JsonValue {
  return copy(value, place, [])
}

/** Like {@link jsonFrom} for what must be an object with members. */
export function jsonObjectFrom(value: unknown, place: string): JsonObject {
  const json = jsonFrom(value, place)
  if (!isJsonObject(json)) throw refusal(place, 'must be an object with members')
  return json
}

/**
 * Checks that a value is an object of no class, whose members are all there is to it.
 * @throws RemoteJobError `INVALID_ARGUMENT`
 */
export function checkPlain(value: unknown, place: string): asserts value is object {
  if (isPlain(value)) return
  const advice =
    value instanceof Date ? 'send toISOString()' : 'send plain objects, arrays, strings, numbers, booleans or null'
  throw refusal(
    place,
    `is ${kindOf(value)}; ${typeof value === 'object' && value ? advice : 'send an object with members'}`,
  )
}

/** Whether a value is an object of no class. */
export function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** What `text` says, or `undefined` when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** JSON with the members of every object in one order, so that equal values give equal text. */
export function canonicalJson(value: JsonValue): string {
  return JSON.stringify(inOrder(value))
}

/** Whether a value fresh from JSON.parse is an object with members. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Most bytes that the value's JSON can take, without making it: enough to know that something is small. */
export function mostBytes(value: JsonValue): number {
  // A character is six bytes at most (\u001f), a number 24.
  if (typeof value === 'string') return 6 * value.length + 2
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + mostBytes(item) + 1, 2)
  if (!isJsonObject(value)) return 24
  return Object.entries(value).reduce((sum, [name, member]) => sum + 6 * name.length + 4 + mostBytes(member), 2)
}

function inOrder(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(inOrder)
  if (!isJsonObject(value)) return value
  const names = Object.keys(value).toSorted()
  return Object.fromEntries(names.map((name) => [name, inOrder(value[name] ?? null)]))
}

function copy(value: unknown, place: string, above: readonly object[]): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value
    throw refusal(place, `is ${value}; JSON has no such number`)
  }
  if (typeof value !== 'object') throw refusal(place, `is ${kindOf(value)}; JSON has no such thing`)
  if (above.includes(value)) throw refusal(place, 'contains itself')
  if (above.length >= 200) throw refusal(place, 'is nested more than 200 deep')
  const here = [...above, value]
  if (Array.isArray(value)) return Array.from(value, (item: unknown, index) => copy(item, `${place}[${index}]`, here))
  return copyMembers(value, place, here)
}

function copyMembers(value: object, place: string, here: readonly object[]): JsonObject {
  checkPlain(value, place)
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  // fromEntries defines own members, so a member called `__proto__` stays data.
  return Object.fromEntries(members.map(([name, member]) => [name, copy(member, `${place}.${name}`, here)]))
}

/** What a value is, with its article: `a Date`, `an Array`, `a function`, `undefined`. */
function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  const { constructor }: { constructor?: unknown } = value
  const isNamed = typeof value === 'object' && typeof constructor === 'function' && constructor.name !== ''
  const kind = isNamed ? constructor.name : typeof value
  return `${/^[AEIO]/i.test(kind) ? 'an' : 'a'} ${kind}`
}

function refusal(place: string, why: string): RemoteJobError {
  return new RemoteJobError('INVALID_ARGUMENT', `Expected \`${place}\` to be JSON, but it ${why}`)
}
