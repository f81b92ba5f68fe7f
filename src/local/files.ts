import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { type FileHandle, link, open, rename, unlink, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { RemoteJobError } from '../errors.ts'
import { makeDirectory } from '../make-directory.ts'
import { fromLocal, isMissing, systemCode } from './errors.ts'

/** Milliseconds between two signs of life of a file that is being written. */
const signOfLife = 10 * 60_000

/**
 * The files that hold large objects, under names that are used once. A file is written in `tmp/`, linked into `files/`,
 * and loses its first name when its row is committed: what a crash leaves behind still has a name in `tmp/`, so that
 * sweeping never has to go through all the files. Each is on the disk before its row is written, always: a row that a power cut leaves
 * must not name bytes that are gone.
 */
export class Files {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  /** The folder of what is being written. */
  get unfinished(): string {
    return join(this.#directory, 'tmp')
  }

  async make(): Promise<void> {
    for (const path of [this.#directory, this.unfinished, join(this.#directory, 'files')]) {
      // For this user alone: inputs and secrets are in it.
      const made = await makeDirectory(path, 0o700)
      if (made !== undefined) await syncFolder(dirname(made))
    }
  }

  /**
   * Makes a new file of what `write` puts into it, and gives its name. When `write` fails, nothing is left of it.
   * @throws what `write` throws; RemoteJobError `OUT_OF_SPACE`, `ACCESS_DENIED`, `UNAVAILABLE`
   */
  async add(write: (append: Append) => Promise<void>): Promise<string> {
    const name = randomUUID()
    try {
      await this.#write(name, write)
      await this.#place(name)
      return name
    } catch (error) {
      await this.discard(name)
      throw error
    }
  }

  /** The file's row is committed: its other name has served. */
  async settle(name: string): Promise<void> {
    await removeIfPresent(this.#unfinished(name))
  }

  /** Removes a file that no row names. */
  async discard(name: string): Promise<void> {
    await removeIfPresent(this.path(name))
    await removeIfPresent(this.#unfinished(name))
  }

  /** Whether it is still there: asked in the transaction that names it. */
  isPresent(name: string): boolean {
    return existsSync(this.path(name))
  }

  /** The file to read, or undefined when it was removed. */
  async open(name: string): Promise<FileHandle | undefined> {
    try {
      return await open(this.path(name))
    } catch (error) {
      if (isMissing(error)) return undefined
      throw this.#translated(error)
    }
  }

  path(name: string): string {
    return join(this.#directory, 'files', name)
  }

  #unfinished(name: string): string {
    return join(this.unfinished, name)
  }

  async #write(name: string, write: (append: Append) => Promise<void>): Promise<void> {
    const path = this.#unfinished(name)
    await using file = await open(path, 'wx', 0o600).catch(this.#rethrow)
    // A stream may pause for longer than a sweep waits.
    const alive = setInterval(() => void touch(path), signOfLife).unref()
    try {
      await write((chunks) => appendAll(file, chunks).catch(this.#rethrow))
      await file.sync().catch(this.#rethrow)
    } finally {
      clearInterval(alive)
    }
  }

  async #place(name: string): Promise<void> {
    try {
      await linkOrRename(this.#unfinished(name), this.path(name))
      await syncFolder(join(this.#directory, 'files'))
    } catch (error) {
      throw this.#translated(error)
    }
  }

  readonly #translated = (error: unknown): RemoteJobError => fromLocal(error, this.#directory)

  readonly #rethrow = (error: unknown): never => {
    throw this.#translated(error)
  }
}

/** Writes chunks behind what was written before. */
export type Append = (chunks: readonly Uint8Array[]) => Promise<void>

/** A disk that is nearly full may take only a part at first. */
async function appendAll(file: FileHandle, chunks: readonly Uint8Array[]): Promise<void> {
  const { bytesWritten } = await file.writev(chunks)
  const size = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0)
  if (bytesWritten < size) await file.writeFile(Buffer.concat(chunks).subarray(bytesWritten))
}

/** Some file systems have no links (exFAT, some network and container mounts). A name is used once, so both are safe. */
async function linkOrRename(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(systemCode(error) ?? '')) throw error
    await rename(from, to)
  }
}

/** A new name survives a power cut only once its folder is on the disk. Windows has no such call and needs none. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  await using folder = await open(path)
  await folder.sync()
}

async function removeIfPresent(path: string): Promise<void> {
  await unlink(path).catch((error: unknown) => {
    if (!isMissing(error)) throw error
  })
}

async function touch(path: string): Promise<void> {
  const now = new Date()
  await utimes(path, now, now).catch(() => {})
}
