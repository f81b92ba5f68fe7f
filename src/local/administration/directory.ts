import { existsSync } from 'node:fs'
import { readdir, rm, rmdir, unlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Removed } from '../../administration.ts'
import { fromLocal, isMissing, systemCode } from '../errors.ts'
import { databasePath } from '../store.ts'

/** Folders of a store, and the form of the names in them. */
const folders = ['files', 'tmp']
const fileName = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

/** Whether there is something in a store's directory that the store did not put there. */
export async function hasOthers(directory: string): Promise<boolean> {
  const own = new Set([...databaseFiles(directory).map((path) => basename(path)), ...folders])
  if ((await namesIn(directory)).some((name) => !own.has(name))) return true
  const names = await Promise.all(folders.map((folder) => namesIn(join(directory, folder))))
  return names.flat().some((name) => !fileName.test(name))
}

/**
 * Removes a store that holds nothing and that this process has closed. Files that are not the store's own stay, and the directory then
 * does, too.
 */
export async function removeDirectory(directory: string): Promise<Removed> {
  const told = { kind: 'directory', name: directory, count: 0 } as const
  // SQLite removes its log with the last connection.
  if (existsSync(`${databasePath(directory)}-wal`)) return { ...told, stays: 'another process has it open' }
  try {
    for (const path of databaseFiles(directory)) await rm(path, { force: true })
    for (const folder of folders) await removeFolder(join(directory, folder))
    return (await isRemoved(directory)) ? { ...told, count: 1 } : { ...told, stays: 'other files are in it' }
  } catch (error) {
    return { ...told, error: fromLocal(error, directory) }
  }
}

function databaseFiles(directory: string): string[] {
  return ['', '-wal', '-shm'].map((ending) => databasePath(directory) + ending)
}

/** What crashes left in it goes with it. */
async function removeFolder(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) if (fileName.test(name)) await unlink(join(folder, name))
  await isRemoved(folder)
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

/** False when it is not empty. */
async function isRemoved(folder: string): Promise<boolean> {
  try {
    await rmdir(folder)
    return true
  } catch (error) {
    if (isMissing(error)) return true
    if (['ENOTEMPTY', 'EEXIST'].includes(systemCode(error) ?? '')) return false
    throw error
  }
}
