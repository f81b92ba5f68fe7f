import { randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { lstat, mkdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { JobResult, StoredObject } from '../index.ts'
import { forEachOf } from '../for-each-of.ts'
import { exitCodes } from './exit-codes.ts'
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
  if (!saving.force) for (const { path } of files) await checkFree(path)
  await mkdir(saving.directory, { recursive: true })
  return forEachOf(files, concurrency, async ({ asset, path }) => {
    await saveOne(asset, path, saving)
    return path
  })
}

/** Names come from workers, so they are not trusted: none leads out of the folder. */
function pathIn(directory: string, name: string): string {
  const path = join(directory, name)
  const isInside = resolve(path).startsWith(resolve(directory) + sep)
  if (isInside && (sep === '/' || !name.includes(sep))) return path
  throw new Problem(
    exitCodes.error,
    `The asset ${JSON.stringify(name)} has a name that leads out of ${directory}; it is not saved`,
  )
}

async function checkFree(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined)
  if (found)
    throw new Problem(exitCodes.usage, `${path} exists already: choose another folder, or replace it with --force`)
}

async function saveOne(asset: StoredObject, path: string, { progress, signal }: Saving): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const partial = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}.part`)
  const file = createWriteStream(partial, { flags: 'wx' })
  using _ = follow(progress.bytes(basename(path), asset.size), () => file.bytesWritten)
  try {
    await pipeline(asset.createReadStream(), file, { signal })
    await rename(partial, path)
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
}
