import { type Command, Option } from '@commander-js/extra-typings'
import type { QueueOptions } from '../index.ts'
import { exitCodes } from './exit-codes.ts'
import { defaultDirectory, type Globals } from './global-options.ts'
import { Problem } from './problem.ts'

/** What a command is told of the queue it works on. */
export interface Place {
  readonly bucket?: string | undefined
  readonly prefix?: string | undefined
  readonly statuses?: readonly string[] | undefined
  readonly records?: 'all' | 'results' | 'none' | undefined
  /** Whether what is missing is made. */
  readonly provision?: 'auto' | 'never' | undefined
}

/** The options of every command that works on a queue. */
export function withPlace<Args extends unknown[], Opts extends Record<string, unknown>>(command: Command<Args, Opts>) {
  return command
    .option('--bucket <name>', 'bucket, when it is not remotejobs-QUEUE')
    .option('--prefix <folder>', 'folder in the bucket that all keys are below')
    .addOption(
      new Option('--statuses <names>', 'statuses that the queue has, with commas between them')
        .argParser((text) => text.split(',').map((name) => name.trim()))
        .default(undefined, 'pending,completed,failed'),
    )
    .addOption(
      new Option('--records <kind>', 'what is written down of a job').choices(['all', 'results', 'none'] as const),
    )
}

/** What the command line says of where a queue is, as the library takes it. */
export async function queueOptions(
  globals: Globals,
  place: Place,
): Promise<QueueOptions<Record<string, unknown>, Record<string, unknown>>> {
  const { bucket, prefix, statuses, records, provision } = place
  const common = { bucket, prefix, statuses, records, provision }
  const { local, endpoint, region, profile } = globals
  if (local !== undefined && endpoint !== undefined) {
    throw new Problem(exitCodes.usage, 'Choose one of --local and --endpoint: a folder is no server')
  }
  if (local !== undefined) {
    const { localBackend } = await import('../local.ts')
    return { ...common, backend: localBackend({ directory: local === true ? defaultDirectory : local }) }
  }
  // The SDK reads it when its clients are made, and takes it from nowhere else for the region.
  if (profile !== undefined) process.env['AWS_PROFILE'] = profile
  // The library looks at it as well, and the command line is to win.
  delete process.env['REMOTEJOB_LOCAL']
  return { ...common, endpoint, region }
}
