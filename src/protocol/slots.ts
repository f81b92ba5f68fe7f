import { isJsonObject, parseJson } from './json.ts'

/**
 * `slots/<name>/<slot>/<n>`: what happened to one slot, an entry an event. The entry with the highest number says who has it; an
 * empty one says nobody. Numbers are never used again, since the highest entry is never removed.
 */
export interface SlotPlace {
  readonly slot: number
  readonly n: number
}

/** What an entry says of a slot that is held. */
export interface SlotEntry {
  readonly v: 1
  /** The holder's mark. */
  readonly nonce: string
  /** Seconds, by the store's own clock, for which it is held from the write of the entry on. */
  readonly leaseSeconds: number
}

export const slotsPrefix = (name: string): string => `slots/${name}/`
export const slotPrefix = (name: string, slot: number): string => `${slotsPrefix(name)}${padded(slot, 5)}/`
export const slotKey = (name: string, { slot, n }: SlotPlace): string => `${slotPrefix(name, slot)}${padded(n, 12)}`

/** The entry that a key names, or `undefined` for other keys. */
export function parseSlotKey(name: string, key: string): SlotPlace | undefined {
  const match = /^(\d{5})\/(\d{12})$/.exec(key.slice(slotsPrefix(name).length))
  return match ? { slot: Number(match[1]), n: Number(match[2]) } : undefined
}

export function parseSlotEntry(bytes: Buffer): SlotEntry | undefined {
  const value = parseJson(bytes.toString())
  if (!isJsonObject(value)) return undefined
  const { nonce, leaseSeconds } = value
  return typeof nonce === 'string' && typeof leaseSeconds === 'number' ? { v: 1, nonce, leaseSeconds } : undefined
}

/** Where those wait for whom there was no slot; behind the slots in a listing. */
export const waitingPrefix = (name: string): string => `${slotsPrefix(name)}waiting/`

/** The places of one who waits: whoever was submitted first stands first. */
export const placesPrefix = (name: string, at: number, id: string): string =>
  `${waitingPrefix(name)}${padded(at, 15)}.${id}.`

const padded = (value: number, digits: number): string => String(value).padStart(digits, '0')
