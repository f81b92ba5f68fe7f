import { Command } from '@commander-js/extra-typings'
import { forEachOf } from '../../for-each-of.ts'
import { exitCodes } from '../exit-codes.ts'
import { withExamples } from '../help.ts'
import { withPlace } from '../place.ts'
import { Problem } from '../problem.ts'
import type { Session } from '../session.ts'

/** `remotejob cancel` */
export function cancelCommand(session: Session) {
  const command = withPlace(new Command('cancel').argument('<queue>').argument('<id...>'))
    .summary('end jobs that have not ended')
    .description(
      'Ends jobs that have not ended. A job that it cancelled will never complete; its worker is told at its next heartbeat.',
    )
    .action(async (name, ids, place) => {
      const ended = await session.withQueue(name, { ...place, provision: 'never' }, (queue) =>
        forEachOf(ids, 10, async (id) => ({ id, cancelled: await queue.cancel(id) })),
      )
      await session.print({
        data: ids.length === 1 ? (ended[0] ?? null) : ended,
        table: {
          columns: ['ID', 'CANCELLED'],
          rows: ended.map(({ id, cancelled }) => [id, cancelled ? 'yes' : 'no: it had ended']),
        },
      })
      const late = ended.filter(({ cancelled }) => !cancelled)
      if (late.length > 0)
        throw new Problem(
          exitCodes.taken,
          `${late.length === 1 ? `Job "${late[0]?.id}"` : `${late.length} jobs`} had ended before`,
        )
    })
  return withExamples(command, [
    ['remotejob cancel thumbs 0199a3c0-5d7e-7b0a-9c1e-2f4d6a8b0c1d', 'one job'],
    ["remotejob cancel thumbs $(remotejob list thumbs --status pending -o jsonpath='{[*].id}')", 'all that wait'],
  ])
}
