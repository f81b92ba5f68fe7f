import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import type { ZipFile } from 'yazl'
import { filesBelow, flawOfKind, type Found } from '../programs/files-below.ts'

/** Texts to be in the zip beside the files, each by a name; one is read only when the files are done. */
export type Texts = Readonly<Record<string, (skipped: readonly string[]) => AsyncIterable<string | Uint8Array>>>

/** Most files of one zip: its directory is in memory until its end. */
const maxFiles = 50_000
/** Longest name, in bytes, that is sure to be unpacked again where folders have names, too. */
const longestName = 1024
/** Bytes up to which a file gains nothing from being packed, which costs a compressor each. */
const tinyBytes = 64
/** Bytes from which on a file needs the larger form of an entry, with room for what packing may add. */
const largeBytes = 0xf000_0000

/**
 * The regular files below a folder as a zip: made while it is read, one file after the other. Links, devices and pipes are left out, and
 * told to the texts; so is what cannot be read.
 */
export async function pack(folder: string, texts: Texts): Promise<Readable> {
  const { ZipFile } = await import('yazl')
  const zip = new ZipFile()
  const packed = new PassThrough({ highWaterMark: 64 * 1024 })
  const ended = new AbortController()
  zip.on('error', (error) => packed.destroy(error instanceof Error ? error : new Error(String(error))))
  pipeline(zip.outputStream, packed).catch((error: unknown) => ended.abort(error))
  fill(zip, folder, texts, ended.signal).then(
    () => zip.end(),
    (error: unknown) => packed.destroy(error instanceof Error ? error : new Error(String(error))),
  )
  return packed
}

async function fill(zip: ZipFile, folder: string, texts: Texts, signal: AbortSignal): Promise<void> {
  const names = new Set<string>()
  const skipped: string[] = []
  for await (const found of filesBelow(folder)) {
    const flaw = flawOfKind(found) ?? flawOfName(found, names.size) ?? (await addFile(zip, folder, found.name, signal))
    if (flaw === undefined) names.add(found.name)
    else if (skipped.length < maxFiles) skipped.push(`${JSON.stringify(found.name)} ${flaw}`)
  }
  for (const [name, textOf] of Object.entries(texts))
    if (!names.has(name)) await add(zip, Readable.from(textOf(skipped)), name, { signal, mode: 0o644 })
}

/** Adds a file as large as it is now, and waits until it was read: one is open at a time. Answers why it could not be. */
async function addFile(zip: ZipFile, folder: string, name: string, signal: AbortSignal): Promise<string | undefined> {
  const file = await openFile(join(folder, name))
  if (!file) return 'cannot be read'
  const { size, mtime, mode } = await file.stat()
  // What still writes to it, having left the program's group, does not make it endless.
  const bytes = file.createReadStream({ start: 0, end: Math.max(0, size - 1) })
  const form = { compress: size > tinyBytes, forceZip64Format: size >= largeBytes }
  await add(zip, bytes, name, { signal, mtime, mode: mode & 0o777, ...form })
  return undefined
}

/** The file itself: neither a link nor a pipe that somebody has put in its place meanwhile. */
async function openFile(path: string): Promise<FileHandle | undefined> {
  try {
    const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
    if ((await file.stat()).isFile()) return file
    await file.close()
    return undefined
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'EMFILE' || error.code === 'ENFILE')) throw error
    return undefined
  }
}

interface EntryOptions {
  readonly signal: AbortSignal
  readonly mode: number
  readonly mtime?: Date
  readonly compress?: boolean
  readonly forceZip64Format?: boolean
}

async function add(zip: ZipFile, bytes: Readable, name: string, { signal, ...options }: EntryOptions): Promise<void> {
  const stop = (): void => void bytes.destroy()
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  try {
    // Before it begins to flow.
    const read = finished(bytes)
    zip.addReadStream(bytes, name, options)
    await read
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

function flawOfName({ name }: Found, count: number): string | undefined {
  if (name.includes('\\') || /^[a-z]:/i.test(name) || Buffer.byteLength(name) > longestName)
    return 'has a name that is not sure to be unpacked'
  return count >= maxFiles ? `is beyond the ${maxFiles} files of one zip` : undefined
}
