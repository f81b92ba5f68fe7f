import type { Job } from '../../job.ts'
import type { Executor, ProgramEnd } from '../executors/executor.ts'
import { processExecutor } from '../executors/process.ts'
import { jobEnvironment, type Paths } from './environment.ts'
import type { Folder } from './folder.ts'
import { makePrinted, type Printed } from './printed.ts'

/** How programs are run. */
export interface ExecutionOptions {
  /** Variables beside those that the executor gives and those of the job. @default none */
  readonly environment?: Readonly<Record<string, string>> | undefined
  /** Seconds, with fractions, between SIGTERM and SIGKILL. The worker's `graceSeconds` must be more than that. @default 10 */
  readonly graceSeconds?: number | undefined
  /** Of what it prints the newest bytes that are kept, of each of its two outputs. @default all of it */
  readonly keepBytes?: number | undefined
  /** What runs it. @default a process of this machine */
  readonly executor?: Executor | undefined
}

/** One job's program: what to start, where, and the job's files. */
export interface Errand {
  readonly folder: Folder
  readonly paths: Paths
  readonly command: string
  readonly args: readonly string[]
  readonly directory: string | undefined
  /** Folders of this machine by where a container's program finds them. */
  readonly places: Readonly<Record<string, string>>
}

/** Seconds. */
export const defaultGraceSeconds = 10

/** Runs a job's program to its end; what it printed is to be closed then. */
export async function execute(
  job: Job<unknown>,
  { folder, paths, ...program }: Errand,
  { environment: more, graceSeconds = defaultGraceSeconds, executor = processExecutor, keepBytes }: ExecutionOptions,
  signal: AbortSignal,
): Promise<{ readonly end: ProgramEnd; readonly printed: Printed }> {
  const environment = { ...more, ...jobEnvironment(job.queueName, job, paths) }
  // Node would refuse it, and show the value.
  const broken = Object.entries(environment).find(([, value]) => value.includes('\0'))
  if (broken) throw new Error(`The variable ${broken[0]} has a NUL in it, which no program can be given`)
  const printed = makePrinted(folder, job, keepBytes)
  try {
    const end = await executor.run(
      { ...program, environment, folder: folder.path },
      { ...printed, signal, graceSeconds },
    )
    return { end, printed }
  } catch (error) {
    printed.stdout.destroy()
    printed.stderr.destroy()
    throw error
  }
}
