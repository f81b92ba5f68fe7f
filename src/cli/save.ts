import { randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { lstat, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { JobResult, StoredObject } from '../index.ts'
import { forEachOf } from '../for-each-of.ts'
import { makeDirectory } from '../make-directory.ts'
import { exitCodes } from './exit-codes.ts'
import { printable } from './output/printable.ts'
import { assetsOf } from './outcome.ts'
import { Problem } from './problem.ts'
import { follow, type Progress } from './progress/progress.ts'

/** How assets are saved. */
export interface Saving {
  readonly directory: string
  /** Whether files that are there already are replaced. */
  readonly force: boolean
  readonly progress: Progress
  readonly signal: AbortSignal
}

/** Files being saved at the same time. */
const concurrency = 4

/**
 * Saves a result's assets under their names. A file is there whole or not at all: bytes go to a name of their own first. Nothing is
 * begun when one of the files exists.
 * @throws Problem for a file that exists, or a name that would leave the folder
 */
export async function saveAssets(result: JobResult, saving: Saving): Promise<readonly string[]> {
  const files = assetsOf(result).map(([name, asset]) => ({ asset, path: pathIn(saving.directory, name) }))
  checkApart(files.map(({ path }) => path))
  if (!saving.force) for (const { path } of files) await checkFree(path)
  await makeDirectory(saving.directory)
  return forEachOf(files, concurrency, async ({ asset, path }) => {
    await saveOne(asset, path, saving)
    return path
  })
}

/** Names come from workers, so they are not trusted: none leads out of the folder. */
function pathIn(directory: string, name: string): string {
  const path = join(directory, name)
  const isInside = resolve(path).startsWith(resolve(directory) + sep)
  if (isInside && !name.includes('\0') && (sep === '/' || !name.includes(sep))) return path
  throw new Problem(
    exitCodes.error,
    `The asset ${JSON.stringify(name)} has a name that leads out of ${directory}, or that no file can have: nothing is saved; --asset writes one of the others`,
  )
}

/** A store takes both `a` and `a/b`, and a disk does not. */
function checkApart(paths: readonly string[]): void {
  const files = new Set(paths)
  for (const path of paths)
    for (let folder = dirname(path); folder.length > 1; folder = dirname(folder))
      if (files.has(folder))
        throw new Problem(
          exitCodes.error,
          `The assets cannot be saved together: ${folder} would be a file, and a folder for ${path}; write them one by one with --asset`,
        )
}

async function checkFree(path: string): Promise<void> {
  if (await exists(path))
    throw new Problem(exitCodes.usage, `${path} exists already: choose another folder, or replace it with --force`)
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}

async function saveOne(asset: StoredObject, path: string, { progress, signal }: Saving): Promise<void> {
  await makeDirectory(dirname(path))
  // Of its own name there may be no room for more letters.
  const partial = join(dirname(path), `.${randomBytes(8).toString('hex')}.part`)
  const file = createWriteStream(partial, { flags: 'wx' })
  using _ = follow(progress.bytes(printable(basename(path)), asset.size), () => file.bytesWritten)
  try {
    await pipeline(asset.createReadStream(), file, { signal })
    await rename(partial, path)
  } catch (error) {
    await rm(partial, { force: true })
    // Errors of a file that is open do not tell its name.
    throw error instanceof Error && 'syscall' in error ? Object.assign(error, { path }) : error
  }
}
