import { checkSourceName } from './environment-entry.ts'
import type { JobDefinition } from './job-definition.ts'
import { refusal } from './refuse.ts'

/** Files from a config map or a secret, one a key. */
export interface Mount {
  /** In a container any folder; for a process a relative one, which is made below `$JOB_MOUNTS_DIR`. */
  readonly directory: string
  readonly from: 'config map' | 'secret'
  readonly name: string
}

/** @throws RemoteJobError `INVALID_ARGUMENT` for folders that cannot be made, twice the same, or within each other */
export function checkMounts({ mounts, image }: Pick<JobDefinition, 'mounts' | 'image'>): void {
  const before: string[] = []
  for (const { directory, name } of mounts) {
    checkSourceName(name)
    const path = plainPath(directory)
    // Only names that an engine takes apart as they are meant.
    if (path === undefined || !/^\/?[^/]/.test(path) || /[:,\p{Cc}]/u.test(path))
      throw refusal('mounts', 'folders such as /etc/app or app, without ":", ",", "." or ".." as a part', directory)
    if (image === undefined && path.startsWith('/'))
      throw refusal(
        'mounts',
        'folders with relative names without an image, since only a container has an "/" of its own: a process finds them below $JOB_MOUNTS_DIR',
        directory,
      )
    if (before.some((other) => `${path}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${path}/`)))
      throw refusal('mounts', 'folders each once, and none within another', directory)
    before.push(path)
  }
}

function plainPath(directory: string): string | undefined {
  const path = directory.replace(/(?<=[^/])\/$/, '')
  const parts = path.replace(/^\//, '').split('/')
  return parts.some((part) => part === '' || part === '.' || part === '..') ? undefined : path
}
