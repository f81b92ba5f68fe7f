import { Command } from '@commander-js/extra-typings'
import { forEachOf } from '../../for-each-of.ts'
import { exitCodes } from '../exit-codes.ts'
import { withExamples } from '../help.ts'
import { seconds } from '../numbers.ts'
import { withPlace } from '../place.ts'
import { Problem } from '../problem.ts'
import type { Session } from '../session.ts'

/** `remotejob retry` */
export function retryCommand(session: Session) {
  const command = withPlace(new Command('retry').argument('<queue>').argument('<id...>'))
    .summary('submit past jobs anew')
    .description(
      'Submits the exact input, metadata and options of past jobs anew, however these ended. Each becomes a new job; its id is printed.',
    )
    .option('--id <id>', 'an id of your own for the new job')
    .option('--wait', 'wait for the results, and print them')
    .option('--save <directory>', 'wait, and save the files that come back there')
    .option('--force', 'replace files that are there already')
    .option('--wait-timeout <seconds>', 'wait no longer than that', seconds)
    .action(async (name, ids, { id, wait, save, force, waitTimeout, ...place }) => {
      if (id !== undefined && ids.length > 1)
        throw new Problem(exitCodes.usage, 'Expected --id with one job: every job has an id of its own')
      await session.withQueue(name, { ...place, provision: 'never' }, async (queue) => {
        const made = await forEachOf(ids, 10, async (old) => ({
          id: (await queue.retry(old, { id })).id,
          retryOf: old,
        }))
        if (wait || save !== undefined) {
          const { awaitJobs } = await import('../waiting.ts')
          return awaitJobs(
            session,
            queue,
            made.map((one) => one.id),
            { save, force, timeout: waitTimeout },
          )
        }
        const data = ids.length === 1 ? (made[0] ?? null) : made
        return session.print({ data, table: made.map((one) => one.id).join('\n') })
      })
    })
  return withExamples(command, [
    ['remotejob retry thumbs 0199a3c0-5d7e-7b0a-9c1e-2f4d6a8b0c1d', 'one job; the new id is printed'],
    ["remotejob retry thumbs $(remotejob list thumbs --status failed -o jsonpath='{[*].id}')", 'all that failed'],
  ])
}
