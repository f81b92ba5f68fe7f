import type { Cancellable } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import { checkInteger } from '../options.ts'

/** Which of an object's bytes to read. */
export interface ReadOptions extends Cancellable {
  /** The first byte, from 0; from the object's end on there is none. @default 0 */
  readonly start?: number | undefined
  /** The last byte, `start` or more; what is past the object's end is left out. @default the object's last */
  readonly end?: number | undefined
}

/** @throws RemoteJobError `INVALID_ARGUMENT` */
export function checkRange({ start, end }: ReadOptions): void {
  checkInteger('start', start, 0, Number.MAX_SAFE_INTEGER)
  checkInteger('end', end, 0, Number.MAX_SAFE_INTEGER)
  if (end === undefined || end >= (start ?? 0)) return
  throw new RemoteJobError('INVALID_ARGUMENT', `Expected \`end\` to be \`start\` (${start}) or more, got ${end}`)
}

/** Those bytes of some that are at hand. */
export function bytesWithin(bytes: Uint8Array, { start = 0, end = bytes.byteLength }: ReadOptions): Uint8Array {
  return bytes.subarray(start, end + 1)
}
