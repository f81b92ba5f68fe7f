import { Command, Option } from '@commander-js/extra-typings'
import { withExamples } from '../help.ts'
import { wholeNumber } from '../numbers.ts'
import { withPlace } from '../place.ts'
import type { Session } from '../session.ts'

/** `remotejob provision` */
export function provisionCommand(session: Session) {
  const command = withPlace(new Command('provision').argument('<queue>'))
    .summary('make what a queue needs')
    .description(
      'Makes the bucket and the queues that are missing, and says what was there. It may be run as often as wanted. With --policy it makes nothing, and prints an IAM policy with the least that a role needs.',
    )
    .option('--dry-run', 'only say what would be made and changed')
    .addOption(
      new Option('--policy <role>', 'print the IAM policy of a role, as JSON').choices([
        'requester',
        'worker',
        'operator',
        'provisioner',
        'administrator',
      ] as const),
    )
    .option('--runs', 'with --policy: the queue is that of runs, and the role may do what they take')
    .option('--account <id>', 'AWS account in the policy, 12 digits; otherwise any')
    .option('--attempts <number>', 'tries of a job that says nothing else', wholeNumber(1, 1000))
    .option('--lease <seconds>', 'seconds that a job stays with a worker that gives no sign', wholeNumber(3, 43_200))
    .action(async (name, options) => {
      const { printPolicy, provisionQueue } = await import('../provision.ts')
      await (options.policy === undefined
        ? provisionQueue(session, name, options)
        : printPolicy(session, name, { ...options, policy: options.policy }))
    })
  return withExamples(command, [
    ['remotejob provision thumbs --dry-run', 'what it would make'],
    ['remotejob provision thumbs', 'make it'],
    [
      'remotejob provision thumbs --policy worker --account 123456789012 > worker.json',
      'what a worker has to be granted',
    ],
  ])
}
