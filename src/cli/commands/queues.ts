import { Command } from '@commander-js/extra-typings'
import { withExamples } from '../help.ts'
import { seconds } from '../numbers.ts'
import { withPlace } from '../place.ts'
import type { Session } from '../session.ts'

/** `remotejob queues` */
export function queuesCommand(session: Session) {
  const command = withPlace(new Command('queues').argument('[queue...]'))
    .summary('show what queues hold')
    .description(
      'Shows what queues hold: jobs that wait, are delayed or in hand, dead letters, and how long the oldest has waited. Without a name, all queues that are there. SQS counts approximately.',
    )
    .option('-w, --watch', 'look again and again, until Ctrl-C')
    .option('--interval <seconds>', 'time between two looks', seconds, 2)
    .action(async (names, { watch, interval, ...place }) => {
      const { showQueues, watchQueues } = await import('../queues.ts')
      await (watch ? watchQueues(session, names, place, interval) : showQueues(session, names, place))
    })
  return withExamples(command, [
    ['remotejob queues', 'all queues of this account and region'],
    ['remotejob queues thumbs --watch', 'one of them, live'],
    ["remotejob queues thumbs -o jsonpath='{.waiting}'", 'a number for a script that starts workers'],
  ])
}
