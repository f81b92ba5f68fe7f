import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { NotBegunError } from '../../lifecycle/not-begun-error.ts'

/** A job's private folder, with places for its input and its output. */
export interface Folder extends AsyncDisposable {
  readonly path: string
  readonly input: string
  readonly output: string
}

/** The machine is in the name, since machines and containers may share the folder for temporary files but not their process ids. */
const prefix = `remotejob-${createHash('sha256').update(hostname()).digest('hex').slice(0, 8)}-`

/**
 * Makes a folder that only this user can look into; it is removed with all that is in it when it is disposed of.
 * @throws NotBegunError where there can be none
 */
export async function makeFolder(): Promise<Folder> {
  try {
    return await made()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    const what = `The folder for temporary files, "${tmpdir()}", cannot be used (${code})`
    throw new NotBegunError(`${what}: see that it is there, can be written to and has room, or set TMPDIR to another`, {
      cause: error,
    })
  }
}

async function made(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`)) // mode 0700
  const folder: Folder = {
    path,
    input: join(path, 'input'),
    output: join(path, 'output'),
    [Symbol.asyncDispose]: () => remove(path),
  }
  await mkdir(folder.input)
  await mkdir(folder.output)
  return folder
}

/** Removes the folders of workers of this machine that died without a chance to do so. */
export async function sweepFolders(): Promise<void> {
  const names = await readdir(tmpdir()).catch(() => [])
  const left = names.filter((name) => {
    const pid = name.startsWith(prefix) ? Number(/^\d+(?=-)/.exec(name.slice(prefix.length))?.[0]) : NaN
    return Number.isInteger(pid) && !isRunning(pid)
  })
  // Those of other users stay: they cannot be removed, and are theirs to remove.
  await Promise.allSettled(left.map((name) => remove(join(tmpdir(), name))))
}

/** A program may have taken away its own rights to a folder in it, so removing may take a second try. */
async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 3, retryDelay: 100 })
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Somebody else's process runs, too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
