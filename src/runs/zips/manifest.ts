import { show } from '../../protocol/names.ts'
import { ZipError } from './zip-error.ts'
import { zipLimits, type ZipLimits } from './zip-limits.ts'

/** What the directory of a zip says of one entry; yauzl's `Entry` is one. */
export interface ZipEntry {
  readonly fileName: string
  readonly externalFileAttributes: number
  readonly compressionMethod: number
  readonly uncompressedSize: number
  isEncrypted(): boolean
}

const typeBits = 0o170000
const types: Readonly<Record<number, string>> = {
  0o120000: 'a symbolic link',
  0o020000: 'a device',
  0o060000: 'a device',
  0o010000: 'a pipe',
  0o140000: 'a socket',
}
/** Bytes of a whole path; the folder that it will be in has its own, and Linux takes 4096. */
const longestPath = 1024
/** Bytes of a part of a path, as file systems have it. */
const longestPart = 255
/** Bytes of files up to which a zip may be packed as tightly as it likes: a log of nothing but zeros does no harm. */
const harmless = 10_000_000

/** What a zip holds, entry by entry: each is checked before anything is unpacked, so that nothing is half made. */
export class Manifest {
  readonly #zipBytes: number
  readonly #limits: ReturnType<typeof zipLimits>
  readonly #files = new Set<string>()
  readonly #folders = new Set<string>()
  #entries = 0
  #bytes = 0

  /** @param zipBytes Bytes of the zip itself */
  constructor(zipBytes: number, limits: ZipLimits) {
    this.#zipBytes = zipBytes
    this.#limits = zipLimits(limits)
  }

  /** Whether it has a file of that path. */
  has(path: string): boolean {
    return this.#files.has(path)
  }

  /** @throws ZipError for what must not be unpacked, or not beside the entries before it */
  add(entry: ZipEntry): void {
    checkKind(entry)
    this.#count(entry.uncompressedSize)
    const { path, isFolder } = placeOf(entry)
    checkPath(path)
    this.#place(path, isFolder)
  }

  #count(bytes: number): void {
    const { maxUnpackedBytes, maxRatio } = this.#limits
    this.#bytes += bytes
    if (this.#bytes > maxUnpackedBytes)
      throw new ZipError(`its files have more than the ${maxUnpackedBytes} bytes allowed`)
    if (this.#bytes > harmless && this.#bytes > maxRatio * this.#zipBytes)
      throw new ZipError(`its files have more than ${maxRatio} bytes for each byte of the zip`)
  }

  /** No path twice, and none that is a file here and a folder there. */
  #place(path: string, isFolder: boolean): void {
    if (isFolder) return this.#placeFolder(path)
    if (this.#files.has(path)) throw new ZipError(`it has ${show(path)} twice`)
    if (this.#folders.has(path)) throw bothKinds(path)
    this.#files.add(path)
    this.#placeFolder(folderOf(path))
  }

  /** A folder, and those that it is in: they need no entries of their own, and count all the same. */
  #placeFolder(path: string): void {
    for (let folder = path; folder !== '' && !this.#folders.has(folder); folder = folderOf(folder)) {
      if (this.#files.has(folder)) throw bothKinds(folder)
      this.#folders.add(folder)
    }
    const { maxEntries } = this.#limits
    this.#entries += 1
    if (Math.max(this.#entries, this.#files.size + this.#folders.size) > maxEntries)
      throw new ZipError(`it has more than the ${maxEntries} files and folders allowed`)
  }
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

function bothKinds(path: string): ZipError {
  return new ZipError(`${show(path)} is a file and a folder in it`)
}

/** Where an entry goes, below the folder that it is unpacked into. */
export function placeOf({ fileName }: ZipEntry): { readonly path: string; readonly isFolder: boolean } {
  const isFolder = fileName.endsWith('/')
  return { path: isFolder ? fileName.slice(0, -1) : fileName, isFolder }
}

/** The type and the rights that an entry had where it was packed; 0 where nothing is said of them. */
export function modeOf({ externalFileAttributes }: ZipEntry): number {
  return externalFileAttributes >>> 16
}

function checkKind(entry: ZipEntry): void {
  const { fileName, compressionMethod } = entry
  const type = types[modeOf(entry) & typeBits]
  if (type !== undefined) throw new ZipError(`${show(fileName)} is ${type}, and not a file or a folder`)
  if (entry.isEncrypted()) throw new ZipError(`${show(fileName)} is encrypted`)
  if (compressionMethod !== 0 && compressionMethod !== 8)
    throw new ZipError(`${show(fileName)} is packed by a method other than deflate`)
}

function checkPath(path: string): void {
  const parts = path.split('/')
  if (path.startsWith('/') || /^[a-z]:/i.test(path)) throw new ZipError(`${show(path)} is an absolute path`)
  if (path.includes('\\') || /\p{Cc}/u.test(path))
    throw new ZipError(`the name ${show(path)} has a backslash or a control character in it`)
  if (parts.some((part) => part === '' || part === '.' || part === '..'))
    throw new ZipError(`${show(path)} is not a plain path: it has "..", "." or nothing between two slashes`)
  if (Buffer.byteLength(path) > longestPath || parts.some((part) => Buffer.byteLength(part) > longestPart))
    throw new ZipError(`the name ${show(path)} is too long`)
}
