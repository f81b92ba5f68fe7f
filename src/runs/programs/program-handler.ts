import { createReadStream, createWriteStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Job } from '../../job.ts'
import { attachedTo, attachments } from '../../lifecycle/attachments.ts'
import type { Asset, Returned } from '../../lifecycle/outcome.ts'
import type { Executor } from '../executors/executor.ts'
import { processExecutor } from '../executors/process.ts'
import { jobEnvironment } from './environment.ts'
import { type Folder, makeFolder, sweepFolders } from './folder.ts'
import { type MountedFolder, writeMounts } from './mounts.ts'
import { readOutputs } from './outputs.ts'
import { failureOf } from './failure.ts'
import { Tee } from './tee.ts'

/** A program to run for every job. */
export interface ProgramOptions {
  readonly command: string
  /** @default none */
  readonly args?: readonly string[] | undefined
  /** Variables beside those that the executor gives and those of the job. @default none */
  readonly environment?: Readonly<Record<string, string>> | undefined
  /** Folders of files for it to read. @default none */
  readonly mounts?: readonly MountedFolder[] | undefined
  /** Where the program starts. @default the worker's own; in a container the image's */
  readonly directory?: string | undefined
  /** Seconds, with fractions, between SIGTERM and SIGKILL. The worker's `graceSeconds` must be more than that. @default 10 */
  readonly graceSeconds?: number | undefined
  /** What runs it. @default a process of this machine */
  readonly executor?: Executor | undefined
}

/** What a handler of programs gives its worker: the files, and the folder that goes when they are stored. */
interface Handed extends Returned, AsyncDisposable {}

/** Seconds. */
export const defaultGraceSeconds = 10

/**
 * A handler for `queue.work` that runs a program for each job. The program finds its input in a file and its metadata in variables;
 * what it leaves in `$JOB_OUTPUT_DIR`, and what it prints, become assets. Exit 0 completes the job, 78 fails it at once, and all else
 * is tried again.
 *
 * ```ts
 * queue.work(programHandler({ command: 'sh', args: ['-c', 'sha256sum "$JOB_INPUT"'] }), { graceSeconds: 15 })
 * ```
 */
export function programHandler(
  options: ProgramOptions,
): (job: Job<unknown>, context: { readonly signal: AbortSignal }) => Promise<Handed> {
  const swept = sweepFolders()
  return async (job, { signal }) => {
    await swept
    const folder = await makeFolder()
    try {
      return await runIn(folder, job, options, signal)
    } catch (error) {
      // What brings the folder's files along takes the folder with it.
      if (!attachedTo(error)) await folder[Symbol.asyncDispose]()
      throw error
    }
  }
}

async function runIn(folder: Folder, job: Job<unknown>, options: ProgramOptions, signal: AbortSignal): Promise<Handed> {
  const { command, args = [], graceSeconds = defaultGraceSeconds, executor = processExecutor } = options
  const { places, ...mounted } = await writeMounts(folder.path, options.mounts ?? [])
  const mounts = Object.hasOwn(places, mounted.directory) ? mounted.directory : undefined
  const paths = { ...(await prepare(folder, job, signal)), mounts }
  const tees = { stdout: teeOf(folder, job, 'stdout'), stderr: teeOf(folder, job, 'stderr') }
  const environment = { ...options.environment, ...jobEnvironment(job.queueName, job, paths) }
  // Node would refuse it, and show the value.
  const broken = Object.entries(environment).find(([, value]) => value.includes('\0'))
  if (broken) throw new Error(`The variable ${broken[0]} has a NUL in it, which no program can be given`)
  const program = { command, args, environment, directory: options.directory, folder: folder.path, places }
  const end = await executor.run(program, { ...tees, signal, graceSeconds })
  const isDone = end.kind === 'exited' && end.code === 0
  await Promise.all(Object.values(tees).map((tee) => tee.close({ discard: isDone })))
  const dispose = async (): Promise<void> => folder[Symbol.asyncDispose]()
  if (!isDone) {
    const failure = failureOf(end, command, tees.stderr.tail)
    throw Object.assign(failure, { [attachments]: logAssets(tees), [Symbol.asyncDispose]: dispose })
  }
  const { assets, skipped } = await readOutputs(folder.output)
  return { assets: [...assets, ...logAssets(tees, assets, skipped)], [Symbol.asyncDispose]: dispose }
}

/** The input, and the metadata, as files. */
async function prepare(folder: Folder, job: Job<unknown>, signal: AbortSignal) {
  const input = join(folder.input, plainName(job.filename))
  const metadata = join(folder.path, 'metadata.json')
  await pipeline(job.createReadStream(), createWriteStream(input), { signal })
  await writeFile(metadata, JSON.stringify(job.metadata ?? {}))
  return { folder: folder.path, input, metadata, output: folder.output }
}

/** The last part of a name that the requester chose, where it can be a file's; programs go by its ending. */
function plainName(filename: string | undefined): string {
  const name = basename(filename?.replaceAll('\\', '/') ?? '')
  const isPlain = /^[^\p{Cc}]+$/u.test(name) && name !== '.' && name !== '..' && Buffer.byteLength(name) <= 200
  return isPlain ? name : 'input'
}

function teeOf(folder: Folder, job: Job<unknown>, stream: 'stdout' | 'stderr'): Tee {
  return new Tee(join(folder.path, stream), job.createLog(stream))
}

/** What the program printed, as assets; a file that it wrote under such a name itself goes before. */
function logAssets(
  tees: Readonly<Record<'stdout' | 'stderr', Tee>>,
  others: readonly Asset[] = [],
  skipped: readonly string[] = [],
): readonly Asset[] {
  const notes = skipped.map((note) => `remotejob: the output ${note}; it is not kept\n`).join('')
  return (['stdout', 'stderr'] as const)
    .filter((name) => !others.some(({ key }) => key === name))
    .map((name) => ({
      key: name,
      filename: `${name}.txt`,
      contentType: 'text/plain',
      body: textOf(tees[name].path, name === 'stderr' ? notes : ''),
    }))
}

/** Opens the file only when it is read: what is tried again hands nothing back. */
async function* textOf(path: string, notes: string): AsyncGenerator<string | Uint8Array> {
  for await (const chunk of createReadStream(path)) if (chunk instanceof Uint8Array) yield chunk
  if (notes !== '') yield notes
}
