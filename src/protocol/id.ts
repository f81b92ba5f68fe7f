import { uuidv7 } from 'uuidv7'
import { RemoteJobError } from '../errors.ts'
import { show } from './names.ts'

const idPattern = /^[A-Za-z0-9._-]{1,128}$/
/** As RFC 9562 writes version 7, in lower case, as `newId` does. */
const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** A new id: a UUIDv7 (RFC 9562), so that ids sort by the time they were made. */
export function newId(): string {
  return uuidv7()
}

/** Whether `value` may be an id: it becomes part of keys, and never more than one part. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && idPattern.test(value) && !value.includes('..') && value !== '.'
}

/** @throws RemoteJobError `INVALID_ARGUMENT` */
export function checkId(id: unknown): asserts id is string {
  if (isId(id)) return
  throw new RemoteJobError(
    'INVALID_ARGUMENT',
    `Expected \`id\` to be 1 to 128 letters, digits, ".", "_" or "-", without "..", got ${show(id)}`,
  )
}

/** @throws RemoteJobError `INVALID_ARGUMENT` for an id that the library gives out itself. */
export function checkOwnId(id: unknown): asserts id is string {
  checkId(id)
  if (!/^(cron|run)\./.test(id)) return
  throw new RemoteJobError(
    'INVALID_ARGUMENT',
    `Ids that begin with "cron." or "run." are kept for schedules and runs, got ${show(id)}`,
  )
}

/** When a UUIDv7 was made, in milliseconds since 1970; `undefined` for other ids. */
export function timeOfId(id: string): number | undefined {
  if (!uuidPattern.test(id)) return undefined
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
}

/** The text below which no UUIDv7 of that millisecond or a later one sorts. */
export function idFloor(time: number): string {
  const hex = Math.max(0, Math.floor(time)).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7`
}
