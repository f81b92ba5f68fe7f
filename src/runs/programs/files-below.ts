import type { Dirent } from 'node:fs'
import { opendir } from 'node:fs/promises'
import { join } from 'node:path'

/** What a walk through a folder came upon. */
export interface Found {
  /** Its path below the folder where the walk began, with `/` between the parts. */
  readonly name: string
  /** `undefined` of a folder that could not be looked into. */
  readonly entry: Dirent | undefined
}

/**
 * All that is below a folder, but the folders themselves; of links no more than that they are there (Node's own walk follows them from
 * version 26 on). One folder is open at a time, however deep they go.
 */
export async function* filesBelow(folder: string): AsyncGenerator<Found> {
  const folders = ['']
  for (let inner = folders.pop(); inner !== undefined; inner = folders.pop()) {
    try {
      for await (const entry of await opendir(join(folder, inner))) {
        const name = inner === '' ? entry.name : `${inner}/${entry.name}`
        if (entry.isDirectory()) folders.push(name)
        else yield { name, entry }
      }
    } catch {
      yield { name: inner, entry: undefined }
    }
  }
}

/** Why a file is not kept, unless it is one that can be. */
export function flawOfKind({ name, entry }: Found): string | undefined {
  if (entry === undefined) return 'is a folder that cannot be read'
  if (entry.isSymbolicLink()) return 'is a symbolic link'
  if (!entry.isFile()) return 'is no regular file'
  // A name that is not UTF-8 came with this character in it, and cannot be opened.
  return name.includes('\ufffd') ? 'has a name that no asset can have' : undefined
}
