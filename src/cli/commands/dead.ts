import { Command } from '@commander-js/extra-typings'
import { exitCodes } from '../exit-codes.ts'
import { withExamples } from '../help.ts'
import { wholeNumber } from '../numbers.ts'
import { timeText } from '../output/time.ts'
import { withPlace } from '../place.ts'
import { Problem } from '../problem.ts'
import type { Session } from '../session.ts'
import { note } from '../terminal.ts'

/** `remotejob dead` */
export function deadCommand(session: Session) {
  return new Command('dead')
    .helpCommand(false)
    .summary('look after dead letters')
    .description('Messages that no worker could read, or that were delivered too often, are in the dead-letter queue.')
    .addCommand(deadListCommand(session))
    .addCommand(deadRedriveCommand(session))
    .addCommand(deadReapCommand(session))
}

function deadListCommand(session: Session) {
  const command = withPlace(new Command('list').argument('<queue>'))
    .summary('list dead letters and why they are there')
    .description('Lists dead letters, each with its reason. All of them stay where they are.')
    .action(async (name, place) => {
      const letters = await session.withQueue(name, { ...place, provision: 'never' }, (queue) =>
        Array.fromAsync(queue.deadLetters()),
      )
      await session.print({
        data: letters.map(({ id, reason, deliveries, sentAt, body }) => ({
          id: id ?? null,
          reason,
          deliveries,
          sentAt: sentAt.toISOString(),
          body,
        })),
        table: {
          columns: ['ID', 'DELIVERIES', 'SENT', 'REASON'],
          rows: letters.map(({ id, reason, deliveries, sentAt }) => [id, String(deliveries), timeText(sentAt), reason]),
        },
      })
      if (letters.length === 0) note(session.terminal, 'There are no dead letters.')
    })
  return withExamples(command, [['remotejob dead list thumbs', 'what is there, and why']])
}

function deadRedriveCommand(session: Session) {
  const command = withPlace(new Command('redrive').argument('<queue>').argument('[id...]'))
    .summary('try dead letters again, as new jobs')
    .description('Brings dead letters back, each as a new job with a new id; the old job ends as failed.')
    .option('--all', 'all of them, also those that are no jobs')
    .action(async (name, ids, { all, ...place }) => {
      if ((all === true) === ids.length > 0)
        throw new Problem(exitCodes.usage, 'Expected ids of dead letters, or --all: remotejob dead list shows them')
      const redriven = await session.withQueue(name, { ...place, provision: 'never' }, (queue) =>
        queue.redrive(all ? { where: () => true } : { ids }),
      )
      await session.print({
        data: redriven.map(({ id, newId }) => ({ id: id ?? null, newId: newId ?? null })),
        table: { columns: ['ID', 'NEW ID'], rows: redriven.map(({ id, newId }) => [id, newId]) },
      })
      const missing = ids.find((id) => !redriven.some((one) => one.id === id))
      if (missing !== undefined)
        throw new Problem(
          exitCodes.notFound,
          `There is no dead letter of job "${missing}": remotejob dead list shows what there is`,
        )
    })
  return withExamples(command, [
    ['remotejob dead redrive thumbs 0199a3c0-5d7e-7b0a-9c1e-2f4d6a8b0c1d', 'one job'],
    ['remotejob dead redrive thumbs --all', 'everything, once the cause is mended'],
  ])
}

function deadReapCommand(session: Session) {
  const command = withPlace(new Command('reap').argument('<queue>'))
    .summary('give an end, or another chance, to lost jobs')
    .description(
      'Fails jobs that killed every worker, sends those again that were never tried or never announced, and fails those whose worker acknowledged them and died. It may be run at any time.',
    )
    .option('--older-than <seconds>', 'jobs without an end that are older are sent again', wholeNumber(60, 315_360_000))
    .action(async (name, { olderThan, ...place }) => {
      const { failed, resent, lost } = await session.withQueue(name, { ...place, provision: 'never' }, (queue) =>
        queue.reap({ olderThanSeconds: olderThan }),
      )
      const rows = [
        ...failed.map((id) => [id, 'failed']),
        ...resent.map((id) => [id, 'sent again']),
        ...lost.map((id) => [id, 'lost']),
      ]
      await session.print({
        data: { failed: [...failed], resent: [...resent], lost: [...lost] },
        table: { columns: ['ID', 'WHAT BECAME OF IT'], rows },
      })
      if (rows.length === 0) note(session.terminal, 'Nothing was in disorder.')
    })
  return withExamples(command, [['remotejob dead reap thumbs', 'tidy up, from cron say']])
}
