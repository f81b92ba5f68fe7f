import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode } from '../../errors.ts'
import { UnrecoverableError } from '../../job-errors.ts'
import type { Job } from '../../job.ts'
import { attachments } from '../../lifecycle/attachments.ts'
import { openLater } from '../../lifecycle/open-later.ts'
import type { Asset } from '../../lifecycle/outcome.ts'
import { longestTimer } from '../../lifecycle/perform.ts'
import { checkInteger } from '../../options.ts'
import type { ProgramEnd } from '../executors/executor.ts'
import type { Paths } from '../programs/environment.ts'
import { type Errand, execute, type ExecutionOptions } from '../programs/execute.ts'
import { failureOf } from '../programs/failure.ts'
import type { Folder } from '../programs/folder.ts'
import { type FolderHandler, type Handed, inFolder } from '../programs/in-folder.ts'
import { type Printed, textOf } from '../programs/printed.ts'
import { writeInput } from '../programs/write-input.ts'
import { pack, type Texts } from './pack.ts'
import { readManifest, unpack } from './unpack.ts'
import { ZipError } from './zip-error.ts'
import { type ZipLimits, zipLimits } from './zip-limits.ts'

/** How zips are worked on. */
export interface ZipOptions extends ZipLimits, ExecutionOptions {
  /** Most seconds that `run.sh` may take when the requester said nothing; a whole number from 1. @default 3600 */
  readonly timeoutSeconds?: number | undefined
}

const script = 'run.sh'
/** Signals with which a machine that is going down ends what runs on it. */
const farewells: readonly string[] = ['SIGTERM', 'SIGINT', 'SIGHUP']

/**
 * A handler for `queue.work` whose jobs are zips: each is unpacked into a folder of its own, in which its `run.sh` is run, once. Then
 * all regular files of the folder become one zip, the asset `output.zip`, with what was printed as `stdout.txt` and `stderr.txt`. Exit
 * code 0 completes the job, any other fails it for good, with the zip; so does an input that is no zip, or none that may be unpacked.
 *
 * ```ts
 * queue.work(zipHandler({ maxUnpackedBytes: 100_000_000 }), { graceSeconds: 15 })
 * ```
 * @throws RemoteJobError `INVALID_ARGUMENT`
 */
export function zipHandler(options: ZipOptions = {}): FolderHandler {
  zipLimits(options)
  checkInteger('timeoutSeconds', options.timeoutSeconds, 1, 31_536_000)
  return inFolder((folder, job, signal) => runZip(folder, job, options, signal))
}

async function runZip(folder: Folder, job: Job<unknown>, options: ZipOptions, signal: AbortSignal): Promise<Handed> {
  const paths = await writeInput(folder, job, signal)
  await prepare(paths, options, signal)
  const errand = { folder, paths, command: `./${script}`, args: [], directory: folder.output, places: {} }
  const ran = await runScript(errand, job, options, signal)
  // No asset is called like them, from which they could be read later.
  await Promise.all(Object.values(ran.printed).map((tee) => tee.close({ discard: false })))
  const assets = [outputOf(folder, ran.printed)]
  const dispose = async (): Promise<void> => folder[Symbol.asyncDispose]()
  if (ran.end.kind === 'exited' && ran.end.code === 0 && !ran.isOverdue)
    return { assets, [Symbol.asyncDispose]: dispose }
  throw Object.assign(failureFrom(ran, job, options), { [attachments]: assets, [Symbol.asyncDispose]: dispose })
}

/** Unpacks the input, and makes its script one that can be run. */
async function prepare({ input, output }: Paths, limits: ZipLimits, signal: AbortSignal): Promise<void> {
  const manifest = await readManifest(input, limits, signal)
  if (!manifest.has(script)) throw new ZipError(`${script} does not exist in the input file`)
  await unpack(input, output, signal)
  await chmod(join(output, script), 0o775)
}

interface Ran {
  readonly end: ProgramEnd
  readonly printed: Printed
  /** Whether it was ended since its time was over. */
  readonly isOverdue: boolean
}

/** Its time is its own: what it left is packed and stored afterwards, however long that takes. */
async function runScript(errand: Errand, job: Job<unknown>, options: ZipOptions, signal: AbortSignal): Promise<Ran> {
  const overdue = new AbortController()
  const milliseconds = secondsOf(job, options) * 1000
  const timer = milliseconds > longestTimer ? undefined : setTimeout(() => overdue.abort(), milliseconds)
  try {
    const ran = await execute(job, errand, options, AbortSignal.any([signal, overdue.signal]))
    return { ...ran, isOverdue: overdue.signal.aborted || (signal.aborted && hasCode(signal.reason, 'TIMED_OUT')) }
  } finally {
    clearTimeout(timer)
  }
}

function secondsOf(job: Job<unknown>, { timeoutSeconds = 3600 }: ZipOptions): number {
  return job.timeoutSeconds ?? timeoutSeconds
}

/** What the machine did and not the script: another worker tries again. */
function comesBack(end: ProgramEnd): boolean {
  if (end.kind === 'killed') return farewells.includes(end.signal)
  return end.kind === 'not started' && end.reason === 'ContainerNotCreated'
}

function failureFrom({ end, printed, isOverdue }: Ran, job: Job<unknown>, options: ZipOptions): Error {
  if (!isOverdue) return failureOf(end, script, printed.stderr.tail, (one) => !comesBack(one))
  const error = new UnrecoverableError(`${script} took longer than the ${secondsOf(job, options)} seconds allowed`)
  return Object.assign(error, { code: 'TIMED_OUT' })
}

/** Packed only when it is read: what is tried again hands nothing back. */
function outputOf(folder: Folder, printed: Printed): Asset {
  const texts: Texts = {
    'stdout.txt': () => textOf(printed, 'stdout'),
    'stderr.txt': (skipped) => textOf(printed, 'stderr', skipped),
  }
  const filename = 'output.zip'
  return { key: filename, filename, contentType: 'application/zip', body: openLater(() => pack(folder.output, texts)) }
}
