import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A disk of 8 MiB, in memory. */
export interface SmallDisk {
  readonly directory: string
  remove(): void
}

/** Mounts one, which takes root. */
export function mountDisk(): SmallDisk {
  const directory = mkdtempSync(join(tmpdir(), 'remotejob-disk-'))
  const forget = (): void => rmSync(directory, { recursive: true, force: true })
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m,mode=0777', 'tmpfs', directory], { stdio: 'pipe' })
  } catch (error) {
    forget()
    throw error
  }
  return {
    directory,
    remove() {
      execFileSync('umount', [directory], { stdio: 'pipe' })
      forget()
    },
  }
}

/** Why none can be mounted here. */
export function reasonAgainstDisks(): string | undefined {
  try {
    mountDisk().remove()
    return undefined
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n').at(-2) ?? error.message) : String(error)
  }
}
