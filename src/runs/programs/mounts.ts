import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Files for a program to read. */
export interface MountedFolder {
  /** Absolute in a container; relative ones are below `$JOB_MOUNTS_DIR`. */
  readonly directory: string
  readonly files: Readonly<Record<string, string | Uint8Array>>
}

/** Where mounts are on this machine. */
export interface WrittenMounts {
  /** What relative ones are below. */
  readonly directory: string
  /** Where a container finds what, by paths inside of it; it can only read there. */
  readonly places: Readonly<Record<string, string>>
}

/**
 * Writes files into a job's private folder, which nobody but this user can look into and which goes with the job. Those for a container
 * can be read by every user of it, since its program may run as another than this one.
 */
export async function writeMounts(folder: string, mounts: readonly MountedFolder[]): Promise<WrittenMounts> {
  const directory = join(folder, 'mounts')
  const places: Record<string, string> = {}
  for (const [index, { directory: target, files }] of mounts.entries()) {
    const isAbsolute = target.startsWith('/')
    const place = isAbsolute ? join(folder, 'mounted', String(index)) : join(directory, target)
    places[isAbsolute ? target : directory] = isAbsolute ? place : directory
    await mkdir(place, { recursive: true, mode: 0o700 })
    for (const [name, bytes] of Object.entries(files)) {
      await writeFile(join(place, name), bytes, { mode: 0o400, flag: 'wx' })
      // Whatever the umask says.
      if (isAbsolute) await chmod(join(place, name), 0o444)
    }
    if (isAbsolute) await chmod(place, 0o755)
  }
  return { directory, places }
}
