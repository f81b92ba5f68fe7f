import { Command } from '@commander-js/extra-typings'
import { withExamples } from '../help.ts'
import { withPlace } from '../place.ts'
import type { Session } from '../session.ts'

/** `remotejob teardown` */
export function teardownCommand(session: Session) {
  const command = withPlace(new Command('teardown').argument('<queue>'))
    .summary('remove a queue with all that it has')
    .description(
      'Removes a queue for good: its messages, inputs, results and assets, and its bucket or folder where nothing of others is in it. It shows what goes, and asks first. What cannot be removed is told; run it again to go on.',
    )
    .option('--dry-run', 'only say what would be removed')
    .option('-y, --yes', 'do not ask')
    .action(async (name, options) => {
      const { tearDownQueue } = await import('../teardown.ts')
      await tearDownQueue(session, name, options)
    })
  return withExamples(command, [
    ['remotejob teardown thumbs --dry-run', 'what would go, with counts'],
    ['remotejob teardown thumbs --local --yes', 'in a folder of this machine, and without a question'],
  ])
}
