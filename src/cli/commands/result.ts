import { Command } from '@commander-js/extra-typings'
import { exitCodes } from '../exit-codes.ts'
import { withExamples } from '../help.ts'
import { seconds } from '../numbers.ts'
import { withPlace } from '../place.ts'
import { Problem } from '../problem.ts'
import type { Session } from '../session.ts'

/** `remotejob result` */
export function resultCommand(session: Session) {
  const command = withPlace(new Command('result').argument('<queue>').argument('<id...>'))
    .summary('wait for jobs, and get what they hand back')
    .description(
      'Waits until jobs have ended, prints how, and saves the files that came back. The exit status says how the first ended that did not complete.',
    )
    .option('--save <directory>', 'save the files there; those of several jobs in a folder each')
    .option('--force', 'replace files that are there already')
    .option('--asset <name>', 'write the bytes of that one asset to standard output, and nothing else')
    .option('--timeout <seconds>', 'wait no longer than that; 0 looks once', seconds)
    .action(async (name, ids, { save, force, asset, timeout, ...place }) => {
      if (asset !== undefined && (save !== undefined || ids.length > 1))
        throw new Problem(
          exitCodes.usage,
          'Expected --asset with one id and without --save: it writes one file to standard output',
        )
      await session.withQueue(name, { ...place, provision: 'never' }, async (queue) => {
        if (asset === undefined) {
          const { awaitJobs } = await import('../waiting.ts')
          return awaitJobs(session, queue, ids, { save, force, timeout })
        }
        const { writeAsset } = await import('../write-asset.ts')
        return writeAsset(session, queue, { id: ids[0], asset, timeout })
      })
    })
  return withExamples(command, [
    [
      'remotejob result thumbs 0199a3c0-5d7e-7b0a-9c1e-2f4d6a8b0c1d --save out',
      'wait for a job and save its files in out/',
    ],
    ['remotejob result thumbs my-job --asset output > cat.png', 'one file, into a pipe or a file'],
    ['remotejob result thumbs my-job --timeout 0 -o yaml', 'look once, and print all that is known'],
  ])
}
