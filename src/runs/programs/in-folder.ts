import type { Job } from '../../job.ts'
import { attachedTo } from '../../lifecycle/attachments.ts'
import type { Returned } from '../../lifecycle/outcome.ts'
import { type Folder, makeFolder, sweepFolders } from './folder.ts'

/** What a handler of programs gives its worker: the files, and the folder that goes when they are stored. */
export interface Handed extends Returned, AsyncDisposable {}

/** A handler of jobs whose files are in a folder. */
export type FolderHandler = (job: Job<unknown>, context: { readonly signal: AbortSignal }) => Promise<Handed>

/**
 * A handler that has a private folder for each job. It goes with what is returned, or with an error that brings its files along, once
 * these are stored; otherwise with the error.
 */
export function inFolder(
  run: (folder: Folder, job: Job<unknown>, signal: AbortSignal) => Promise<Handed>,
): FolderHandler {
  const swept = sweepFolders()
  return async (job, { signal }) => {
    await swept
    const folder = await makeFolder()
    try {
      return await run(folder, job, signal)
    } catch (error) {
      if (!attachedTo(error)) await folder[Symbol.asyncDispose]()
      throw error
    }
  }
}
