import { Command } from '@commander-js/extra-typings'
import { forEachOf } from '../../for-each-of.ts'
import { exitCodes } from '../exit-codes.ts'
import { withExamples } from '../help.ts'
import { withPlace } from '../place.ts'
import { Problem } from '../problem.ts'
import type { Session } from '../session.ts'

/** `remotejob status` */
export function statusCommand(session: Session) {
  const command = withPlace(new Command('status').argument('<queue>').argument('<id...>'))
    .summary('say where jobs are')
    .description('Says where jobs are: pending, active, completed, failed, cancelled or expired.')
    .action(async (name, ids, place) => {
      const found = await session.withQueue(name, { ...place, provision: 'never' }, (queue) =>
        forEachOf(ids, 10, async (id) => ({ id, status: (await queue.status(id)) ?? null })),
      )
      const known = found.filter(({ status }) => status !== null)
      await session.print({
        data: ids.length === 1 ? (found[0] ?? null) : found,
        table: { columns: ['ID', 'STATUS'], rows: found.map(({ id, status }) => [id, status ?? 'unknown']) },
      })
      if (known.length === found.length) return
      const missing = found.find(({ status }) => status === null)
      throw new Problem(
        exitCodes.notFound,
        `There is no job "${missing?.id}" in queue "${name}": check the id and the queue`,
      )
    })
  return withExamples(command, [
    ['remotejob status thumbs 0199a3c0-5d7e-7b0a-9c1e-2f4d6a8b0c1d', 'one job'],
    ["remotejob status thumbs $(cat ids) -o jsonpath='{[*].status}'", 'the statuses of several, and nothing else'],
  ])
}
