import { Command } from '@commander-js/extra-typings'
import { withExamples } from '../help.ts'
import { collectPairs, parseObject } from '../metadata.ts'
import { instant, seconds, wholeNumber } from '../numbers.ts'
import { withPlace } from '../place.ts'
import type { Session } from '../session.ts'

const yearSeconds = 31_536_000

/** `remotejob submit` */
export function submitCommand(session: Session) {
  const command = withPlace(new Command('submit').argument('<queue>').argument('[file...]'))
    .summary('send jobs')
    .description(
      'Sends a job for each file, or one of metadata alone when there is no file; `-` is standard input. Prints the ids, one a line, in the order of the files. Nothing is sent when one of the files cannot be read.',
    )
    .option('--metadata <key=value>', 'metadata of the jobs, as text; may be repeated', collectPairs)
    .option('--metadata-json <object>', 'the same, as JSON', parseObject)
    .option('--id <id>', 'an id of your own: asking twice makes one job')
    .option('--filename <name>', 'the name of what comes from standard input')
    .option('--content-type <type>', "media type of the files; otherwise by their names' endings")
    .option(
      '--delay <seconds>',
      'workers get the jobs not before that; above 900 a scheduler has to run (remotejob work is one)',
      wholeNumber(0, yearSeconds),
    )
    .option('--at <time>', 'the same as a time, such as 2026-01-31T08:00:00Z', instant)
    .option('--expires <seconds>', 'jobs that nobody started by then end as expired', wholeNumber(1, yearSeconds))
    .option('--attempts <number>', 'tries that a job has', wholeNumber(1, 1000))
    .option('--timeout <seconds>', 'the most that one try may take', wholeNumber(1, yearSeconds))
    .option('--group <name>', 'tenant, to be served fairly beside others')
    .option('--concurrency <number>', 'files sent at the same time', wholeNumber(1, 1000), 4)
    .option('--wait', 'wait for the results, and print them')
    .option(
      '--save <directory>',
      'wait, and save the files that come back there; those of several jobs in a folder each',
    )
    .option('--force', 'replace files that are there already')
    .option('--wait-timeout <seconds>', 'wait no longer than that', seconds)
    .action(async (name, files, options) => {
      const { submitFiles } = await import('../submit-files.ts')
      await submitFiles(session, name, files, options)
    })
  return withExamples(command, [
    ['remotejob submit thumbs cat.jpg --metadata width=320', 'one job; its id is printed'],
    ['remotejob submit thumbs *.jpg --save out', 'a job for each photograph; waits, and saves what comes back'],
    [
      'remotejob submit reports --at 2027-01-31T08:00:00Z --id january',
      'at that time; needs a scheduler (remotejob work is one)',
    ],
    ['tar c data | remotejob submit backup - --filename data.tar --wait', 'a stream of any length'],
    [
      `remotejob submit mail --metadata-json '{"to": "you@example.com"}' --id welcome-42`,
      'metadata alone; asking twice makes one job',
    ],
    [
      "id=$(remotejob --local submit thumbs cat.jpg -o jsonpath='{.id}')",
      'in a folder of this machine, and the id in a variable',
    ],
  ])
}
