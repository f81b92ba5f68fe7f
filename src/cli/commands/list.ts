import { Command, Option } from '@commander-js/extra-typings'
import type { JobSummary } from '../../index.ts'
import { withExamples } from '../help.ts'
import { instant, wholeNumber } from '../numbers.ts'
import { withPlace } from '../place.ts'
import type { Session } from '../session.ts'
import { note } from '../terminal.ts'
import { timeText } from '../output/time.ts'

const statuses = ['pending', 'active', 'completed', 'failed', 'cancelled', 'expired'] as const

/** `remotejob list` */
export function listCommand(session: Session) {
  const command = withPlace(new Command('list').argument('<queue>'))
    .summary('list the jobs of a queue')
    .description('Lists the jobs of a queue, the newest first.')
    .addOption(new Option('--status <status>', 'only jobs that are there').choices(statuses))
    .option('--since <time>', 'only jobs submitted at that time or later', instant)
    .option('--until <time>', 'only jobs submitted before that time', instant)
    .option('--limit <number>', 'jobs at most', wholeNumber(1, 1_000_000), 50)
    .action(async (name, { status, since, until, limit, ...place }) => {
      const jobs = await session.withQueue(name, { ...place, provision: 'never' }, (queue) =>
        Array.fromAsync(queue.list({ status, since, until, limit: limit + 1 })),
      )
      const shown = jobs.slice(0, limit)
      await session.print({
        data: shown.map(dataOf),
        table: {
          columns: ['ID', 'STATUS', 'SUBMITTED', 'FINISHED'],
          rows: shown.map((job) => [job.id, job.status, timeText(job.submittedAt), timeText(job.finishedAt)]),
        },
      })
      if (jobs.length > limit) note(session.terminal, `There are more jobs than these ${limit}; --limit shows more.`)
      if (jobs.length === 0) note(session.terminal, `There is no such job in queue "${name}".`)
    })
  return withExamples(command, [
    ['remotejob list thumbs', 'the newest jobs'],
    [
      'remotejob list thumbs --status failed --since 2026-01-31T08:00:00Z -o json',
      'failures since the morning, for a program',
    ],
  ])
}

function dataOf({ id, status, submittedAt, finishedAt }: JobSummary) {
  return { id, status, submittedAt: submittedAt.toISOString(), finishedAt: finishedAt?.toISOString() ?? null }
}
