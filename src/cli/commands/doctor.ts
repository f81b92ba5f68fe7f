import { Command, Option } from '@commander-js/extra-typings'
import { withExamples } from '../help.ts'
import { wholeNumber } from '../numbers.ts'
import { withPlace } from '../place.ts'
import type { Session } from '../session.ts'

/** `remotejob doctor` */
export function doctorCommand(session: Session) {
  const command = withPlace(new Command('doctor').argument('[queue]'))
    .summary('look for what is wrong, and say what to do')
    .description(
      'Looks at credentials, region, each permission one by one, conditional writes, clocks and the settings of a queue, and says what to do about each finding. Nothing that it asks touches a job. The exit status is 1 when something is wrong. Without a queue it looks at what every queue needs.',
    )
    .addOption(
      new Option('--role <role>', 'whose permissions are tried; otherwise those of requesters and workers').choices([
        'requester',
        'worker',
        'operator',
      ] as const),
    )
    .option('--round-trip', 'also send a job and do it, in a queue of its own that is made and removed for that')
    .option('--timeout <seconds>', 'the most that each check may take', wholeNumber(1, 600), 10)
    .action(async (name, options) => {
      const { examine } = await import('../doctor.ts')
      await examine(session, name, options)
    })
  return withExamples(command, [
    ['remotejob doctor', 'credentials, region and the machine'],
    ['remotejob doctor thumbs --role worker', 'all that a worker of this queue needs'],
    ['remotejob doctor thumbs --local --round-trip', 'in a folder of this machine, with a job'],
  ])
}
