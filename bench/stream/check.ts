import type { Counted } from './count.ts'
import { expectedDigest } from './data.ts'

/** @throws Error when other bytes arrived than were sent */
export function checkArrived({ bytes, digest }: Counted, size: number, withDigest: boolean): void {
  if (bytes !== size) throw new Error(`${bytes} of ${size} bytes arrived`)
  if (withDigest && digest !== digestOf(size)) throw new Error('Other bytes arrived than were sent')
}

const digests = new Map<number, string>()

function digestOf(size: number): string {
  const digest = digests.get(size) ?? expectedDigest(size)
  digests.set(size, digest)
  return digest
}
