import type { Command } from '@commander-js/extra-typings'
import type { Queue } from '../../index.ts'
import type { Runs } from '../../runs.ts'
import type { Session } from '../session.ts'

/** Where the runs of a project are: what is stored of them is below the place of their queue. */
export interface RunsPlace {
  readonly queue: string
  readonly bucket?: string | undefined
  readonly prefix?: string | undefined
}

/** The options of every command that works on runs. */
export function withRunsPlace<Args extends unknown[], Opts extends Record<string, unknown>>(
  command: Command<Args, Opts>,
) {
  return command
    .option('--queue <name>', 'the queue that the runs go through', 'runs')
    .option('--bucket <name>', 'bucket, when it is not remotejobs-QUEUE')
    .option('--prefix <folder>', 'folder in the bucket that all keys are below')
}

/** Opens the runs for as long as `use` takes; a command that only looks says `never`, and makes nothing. */
export async function withRuns<Result>(
  session: Session,
  { queue, bucket, prefix }: RunsPlace,
  use: (runs: Runs, queue: Queue) => Promise<Result>,
  provision?: 'never',
): Promise<Result> {
  const library = await import('../../runs.ts')
  return session.withQueue(queue, { bucket, prefix, provision }, (opened) => use(new library.Runs(opened), opened))
}
