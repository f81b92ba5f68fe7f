import { checkInteger } from '../../options.ts'

/** How much a zip may hold. What goes beyond is refused before anything of it is unpacked. */
export interface ZipLimits {
  /** Files and folders in it, from 1. @default 10_000 */
  readonly maxEntries?: number | undefined
  /** Bytes of all its files together, from 1. @default 1_073_741_824 (1 GiB) */
  readonly maxUnpackedBytes?: number | undefined
  /** Bytes of its files for each byte of the zip, from 1; not asked of one whose files are 10 MB or less together. @default 200 */
  readonly maxRatio?: number | undefined
}

const most = Number.MAX_SAFE_INTEGER

/**
 * The limits, checked and complete.
 * @throws RemoteJobError `INVALID_ARGUMENT`
 */
export function zipLimits({ maxEntries, maxUnpackedBytes, maxRatio }: ZipLimits) {
  checkInteger('maxEntries', maxEntries, 1, 1_000_000)
  checkInteger('maxUnpackedBytes', maxUnpackedBytes, 1, most)
  checkInteger('maxRatio', maxRatio, 1, most)
  return { maxEntries: maxEntries ?? 10_000, maxUnpackedBytes: maxUnpackedBytes ?? 2 ** 30, maxRatio: maxRatio ?? 200 }
}
