import type { Job } from '../../job.ts'
import { attachments } from '../../lifecycle/attachments.ts'
import type { Asset } from '../../lifecycle/outcome.ts'
import { execute, type ExecutionOptions } from './execute.ts'
import { failureOf } from './failure.ts'
import type { Folder } from './folder.ts'
import { type FolderHandler, type Handed, inFolder } from './in-folder.ts'
import { type MountedFolder, writeMounts } from './mounts.ts'
import { readOutputs } from './outputs.ts'
import { type Printed, textOf } from './printed.ts'
import { writeInput } from './write-input.ts'

/** A program to run for every job. */
export interface ProgramOptions extends ExecutionOptions {
  readonly command: string
  /** @default none */
  readonly args?: readonly string[] | undefined
  /** Folders of files for it to read. @default none */
  readonly mounts?: readonly MountedFolder[] | undefined
  /** Where the program starts. @default the worker's own; in a container the image's */
  readonly directory?: string | undefined
}

/**
 * A handler for `queue.work` that runs a program for each job. The program finds its input in a file and its metadata in variables;
 * what it leaves in `$JOB_OUTPUT_DIR`, and what it prints, become assets. Exit 0 completes the job, 78 fails it at once, and all else
 * is tried again.
 *
 * ```ts
 * queue.work(programHandler({ command: 'sh', args: ['-c', 'sha256sum "$JOB_INPUT"'] }), { graceSeconds: 15 })
 * ```
 */
export function programHandler(options: ProgramOptions): FolderHandler {
  return inFolder((folder, job, signal) => runIn(folder, job, options, signal))
}

async function runIn(folder: Folder, job: Job<unknown>, options: ProgramOptions, signal: AbortSignal): Promise<Handed> {
  const { command, args = [], directory } = options
  const { places, ...mounted } = await writeMounts(folder.path, options.mounts ?? [])
  const mounts = Object.hasOwn(places, mounted.directory) ? mounted.directory : undefined
  const paths = { ...(await writeInput(folder, job, signal)), mounts }
  const { end, printed } = await execute(job, { folder, paths, command, args, directory, places }, options, signal)
  const isDone = end.kind === 'exited' && end.code === 0
  await Promise.all(Object.values(printed).map((tee) => tee.close({ discard: isDone })))
  const dispose = async (): Promise<void> => folder[Symbol.asyncDispose]()
  if (!isDone) {
    const failure = failureOf(end, command, printed.stderr.tail)
    throw Object.assign(failure, { [attachments]: logAssets(printed), [Symbol.asyncDispose]: dispose })
  }
  const { assets, skipped } = await readOutputs(folder.output)
  return { assets: [...assets, ...logAssets(printed, assets, skipped)], [Symbol.asyncDispose]: dispose }
}

/** What the program printed, as assets; a file that it wrote under such a name itself goes before. */
function logAssets(printed: Printed, others: readonly Asset[] = [], skipped: readonly string[] = []): readonly Asset[] {
  return (['stdout', 'stderr'] as const)
    .filter((name) => !others.some(({ key }) => key === name))
    .map((name) => ({
      key: name,
      filename: `${name}.txt`,
      contentType: 'text/plain',
      body: textOf(printed, name, skipped),
    }))
}
