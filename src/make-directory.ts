import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes a folder, and those above it that are missing. Resolves the first that was made, or `undefined` when all were there. Node's own
 * recursive mkdir goes on for ever in a folder where nothing can be made, and the system says of it that something is missing (`/proc`).
 * @param mode Who may do what with those that are made
 * @throws Error of the file system, as a plain mkdir says it
 */
export async function makeDirectory(path: string, mode = 0o777): Promise<string | undefined> {
  try {
    return await makeOne(path, mode)
  } catch (error) {
    const above = dirname(path)
    if (codeOf(error) !== 'ENOENT' || above === path) throw error
    const first = await makeDirectory(above, mode)
    const made = await makeOne(path, mode)
    return first ?? made
  }
}

/** The path, or `undefined` when there is a folder of that name. */
async function makeOne(path: string, mode: number): Promise<string | undefined> {
  try {
    await mkdir(path, mode)
    return path
  } catch (error) {
    // Not every system says EEXIST, of a root or of what is read-only.
    if (codeOf(error) !== 'ENOENT' && (await isDirectory(path))) return undefined
    throw error
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (about) => about.isDirectory(),
    () => false,
  )
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
