import { RemoteJobError } from '../errors.ts'
import { show } from './names.ts'

/** The first part of every key that the library writes itself. */
export const ownPrefixes = [
  'assets/',
  'claims/',
  'configmaps/',
  'cron/',
  'definitions/',
  'history/',
  'inputs/',
  'live/',
  'logs/',
  'metadata/',
  'probe/',
  'replies/',
  'results/',
  'runs/',
  'secrets/',
  'slots/',
  'stored/',
  'subscriptions/',
  'timers/',
] as const

/** What users get keys of, and may remove. */
const sharedPrefixes = ['assets/', 'inputs/', 'stored/'] as const

export const inputKey = (id: string): string => `inputs/${id}`
export const storedKey = (uuid: string): string => `stored/${uuid}`
export const resultKey = (id: string): string => `results/${id}.json`
export const liveKey = (id: string): string => `live/${id}.json`
export const claimKey = (id: string): string => `claims/${id}`
export const metadataKey = (id: string, nonce: string): string => `metadata/${id}.${nonce}.json`
export const logsPrefix = (id: string): string => `logs/${id}/`
/** The sign that a requester who has a reply queue of that name is there. */
export const replyKey = (name: string): string => `replies/${name}`
export const historyPrefix = (id: string): string => `history/${id}/`

/** Folder of one attempt's outputs: nobody sees them until a result names them. */
export const assetsPrefix = (id: string, attempt: number, nonce: string): string => `assets/${id}/${attempt}-${nonce}/`

/**
 * Checks a key below the prefix.
 * @throws RemoteJobError `INVALID_ARGUMENT` for what S3, the SDK's URLs or a listing would mangle
 */
export function checkKey(key: unknown, place = 'key'): asserts key is string {
  const why = flawOfKey(key)
  if (why)
    throw new RemoteJobError(
      'INVALID_ARGUMENT',
      `Expected \`${place}\` to be an object's key: ${why}, got ${show(key)}`,
    )
}

/** Whether a key that came off the wire can be one of ours. */
export function isKey(key: unknown): key is string {
  return flawOfKey(key) === undefined
}

/** @throws RemoteJobError `INVALID_ARGUMENT` for a key among the library's own. */
export function checkStoreKey(key: unknown): asserts key is string {
  checkKey(key)
  const taken = ownPrefixes.find((prefix) => key.startsWith(prefix))
  if (taken)
    throw new RemoteJobError(
      'INVALID_ARGUMENT',
      `Keys below "${taken}" are the library's own; choose another than ${show(key)}`,
    )
}

/** @throws RemoteJobError `INVALID_ARGUMENT` for a key that the protocol needs. */
export function checkRemoveKey(key: unknown): asserts key is string {
  checkKey(key)
  if (sharedPrefixes.some((prefix) => key.startsWith(prefix))) return
  checkStoreKey(key)
}

/** Whether the library wrote the object itself, so that its event is no job. */
export function isOwnKey(key: string): boolean {
  return ownPrefixes.some((prefix) => key.startsWith(prefix))
}

function flawOfKey(key: unknown): string | undefined {
  if (typeof key !== 'string') return 'a string'
  // S3's limit: 1,024 bytes of UTF-8; 128 are left for the queue's prefix.
  if (key === '' || Buffer.byteLength(key) > 896) return 'from 1 to 896 bytes of UTF-8'
  if (key.startsWith('/')) return 'without "/" at its beginning'
  if (key.split('/').some((part) => part === '.' || part === '..')) return 'without "." or ".." as a part'
  // Control characters do not survive S3's XML listings.
  if (/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/u.test(key)) return 'without control characters and lone surrogates'
  return undefined
}
