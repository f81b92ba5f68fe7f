import { mkdir, open, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { Entry, ZipFile } from 'yauzl'
import { show } from '../../protocol/names.ts'
import { Manifest, modeOf, placeOf } from './manifest.ts'
import { ZipError } from './zip-error.ts'
import type { ZipLimits } from './zip-limits.ts'

/**
 * What a zip says that it holds, all of it checked.
 * @throws ZipError for what is no zip or must not be unpacked
 */
export async function readManifest(file: string, limits: ZipLimits, signal: AbortSignal): Promise<Manifest> {
  const manifest = new Manifest((await stat(file)).size, limits)
  await forEachEntry(file, signal, (_, entry) => manifest.add(entry))
  return manifest
}

/**
 * Unpacks a zip whose manifest was read into an empty folder: regular files and folders, and nothing else, so that no file is written
 * through a link that came before it. No file can have more bytes than was said of it.
 * @throws ZipError for one that is damaged
 */
export async function unpack(file: string, folder: string, signal: AbortSignal): Promise<void> {
  await forEachEntry(file, signal, (zip, entry) => unpackEntry(zip, entry, folder, signal))
}

async function forEachEntry(
  file: string,
  signal: AbortSignal,
  use: (zip: ZipFile, entry: Entry) => Promise<void> | void,
): Promise<void> {
  const { openPromise } = await import('yauzl')
  try {
    const zip = await openPromise(file, { strictFileNames: true })
    // Also one that comes when nobody waits for an entry any more.
    zip.on('error', () => {})
    for await (const entry of zip.eachEntry()) {
      signal.throwIfAborted()
      await use(zip, entry)
    }
  } catch (error) {
    signal.throwIfAborted()
    throw isOfZip(error) ? new ZipError(`could not unzip file, error: ${error.message}`, { cause: error }) : error
  }
}

/** Errors of yauzl have no code and those of zlib have one of their own; what the system says is not the zip's fault. */
function isOfZip(error: unknown): error is Error {
  if (!(error instanceof Error) || error.name === 'AbortError') return false
  return (
    error instanceof ZipError || !('code' in error) || (typeof error.code === 'string' && error.code.startsWith('Z_'))
  )
}

async function unpackEntry(zip: ZipFile, entry: Entry, folder: string, signal: AbortSignal): Promise<void> {
  const { path, isFolder } = placeOf(entry)
  const place = join(folder, path)
  await mkdir(isFolder ? place : dirname(place), { recursive: true })
  if (isFolder) return
  const mode = modeOf(entry) & 0o777
  // `wx` makes a new file and follows nothing that is there already.
  await using made = await open(place, 'wx', mode === 0 ? 0o644 : mode | 0o600)
  let sum = 0
  for await (const chunk of await zip.openReadStreamPromise(entry)) {
    signal.throwIfAborted()
    if (!(chunk instanceof Uint8Array)) continue
    sum = crc32(chunk, sum)
    await made.appendFile(chunk)
  }
  if (sum !== entry.crc32) throw new ZipError(`${show(path)} is damaged: its checksum is another`)
}
