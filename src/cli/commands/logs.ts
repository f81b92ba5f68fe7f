import { Command } from '@commander-js/extra-typings'
import { withExamples } from '../help.ts'
import { wholeNumber } from '../numbers.ts'
import { withPlace } from '../place.ts'
import type { Session } from '../session.ts'

/** `remotejob logs` */
export function logsCommand(session: Session) {
  const command = withPlace(new Command('logs').argument('<queue>').argument('<id>'))
    .summary('show what a job printed')
    .description(
      'Shows what a job printed, over all its attempts: its stdout on standard output, all else on standard error.',
    )
    .option('-f, --follow', 'go on until the job has ended')
    .option('--attempt <number>', 'only that attempt', wholeNumber(1, 1_000_000))
    .option('--stream <name>', 'only that log, such as stderr, and on standard output')
    .action(async (name, id, options) => {
      const { showLogs } = await import('../show-logs.ts')
      await showLogs(session, name, id, options)
    })
  return withExamples(command, [
    ['remotejob logs renders 0199a3c0-5d7e-7b0a-9c1e-2f4d6a8b0c1d --follow', 'as it comes'],
    ['remotejob logs renders frame-17 --stream stderr --attempt 1', 'what went wrong at the first try'],
  ])
}
